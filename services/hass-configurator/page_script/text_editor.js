// The text of one file, in CodeMirror.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { parseAllDocuments } from "yaml";

const LANGUAGES = { css, html, js: javascript, json, py: python, yaml, yml: yaml };
const MAX_CHECKED = 300000; // characters: a phone checks them while a person types

/** Return the mistakes in YAML. Home Assistant's tags, such as !include, are none. */
export function mistakes(text) {
  const documents = text.length > MAX_CHECKED ? [] : parseAllDocuments(text, { logLevel: "silent" });
  return Array.from(documents, (one) => one.errors)
    .flat()
    .map(({ pos: [from, to], message }) => ({
      from: Math.min(from, text.length),
      to: Math.min(to, text.length),
      severity: "error",
      message: message.split("\n")[0],
    }));
}

export class TextEditor {
  /** Show texts in `place`; `nonce` admits CodeMirror's styles, `changed` hears of each change. */
  constructor(place, nonce, changed) {
    this.place = place;
    this.nonce = nonce;
    this.changed = changed;
    this.view = null;
  }

  /** Show the text of the file `name`, or nothing. */
  show(name, text) {
    if (this.view) {
      this.view.destroy();
    }
    this.view = null;
    if (name === null) {
      return;
    }
    const state = EditorState.create({ doc: text, extensions: this.extensions(name, text) });
    this.view = new EditorView({ state, parent: this.place });
    this.markSaved();
  }

  extensions(name, text) {
    const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
    const language = LANGUAGES[ending];
    const isYaml = language === yaml;
    return [
      EditorView.cspNonce.of(this.nonce),
      // A file keeps its ends of lines; with one kind named, CodeMirror changes no other.
      EditorState.lineSeparator.of(/^(?:[^\r\n]|\r\n)*$/.test(text) && /\r/.test(text) ? "\r\n" : "\n"),
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      search({ top: true }),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": `Text of ${name}` }),
      syntaxHighlighting(classHighlighter),
      keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap, indentWithTab]),
      EditorView.updateListener.of((update) => update.docChanged && this.changed()),
      language ? language() : [],
      isYaml ? [linter((view) => mistakes(view.state.doc.toString())), lintGutter()] : [],
    ];
  }

  /** Return the text as it is to be written. */
  text() {
    return this.view.state.sliceDoc();
  }

  markSaved() {
    this.saved = this.view.state.doc;
  }

  isChanged() {
    return this.view !== null && !this.view.state.doc.eq(this.saved);
  }
}
