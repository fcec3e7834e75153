// The page: the files on one side, the text of one of them on the other.

import { ask } from "./api.js";
import { button, element, FileTree } from "./file_tree.js";
import { TextEditor } from "./text_editor.js";

const MAX_UPLOAD = 16000000; // bytes, the server's limit
const find = (id) => document.getElementById(id);
const nonce = document.querySelector("script").nonce;

let open = null; // {path, version} of the file that is shown
const text = new TextEditor(find("text"), nonce, showState);
const tree = new FileTree(find("tree"), {
  refresh: () => reported(() => tree.refresh()),
  open: (path) => reported(() => openFile(path)),
  makeFile: (folder) => reported(() => makeFile(folder)),
  makeFolder: (folder) => reported(() => makeFolder(folder)),
  upload: chooseUpload,
  rename: (path) => reported(() => rename(path)),
  remove: (path) => reported(() => remove(path)),
});

function say(words, isError = false, ...buttons) {
  const place = find("message");
  place.className = isError ? "error" : "";
  place.textContent = "";
  place.append(...(words ? [element("div", { textContent: words }), ...buttons] : []));
}

/** Do something, and say why it failed. */
async function reported(act) {
  try {
    await act();
  } catch (error) {
    say(error.message, true);
  }
}

function showState() {
  const isChanged = text.isChanged();
  find("save").disabled = !isChanged;
  const name = open ? open.path : "No file is open";
  find("title").textContent = isChanged ? `${name} *` : name;
  document.title = `${isChanged ? "* " : ""}${open ? open.path : "File editor"}`;
}

const mayLeave = () => !text.isChanged() || confirm(`Discard your changes to ${open.path}?`);

function close() {
  open = null;
  text.show(null);
  tree.mark(null);
  showState();
}

async function openFile(path) {
  if (!mayLeave()) {
    return;
  }
  const found = await ask("GET", "file", { path });
  open = { path, version: found.version };
  text.show(path, found.text);
  tree.mark(path);
  showState();
  say("");
  if (matchMedia("(max-width: 700px)").matches) {
    showFiles(false);
  }
}

async function save(condition) {
  if (!open || !(text.isChanged() || condition)) {
    return;
  }
  const saving = open;
  const content = text.text();
  const saved = text.view.state.doc;
  try {
    const headers = { "If-Match": condition || saving.version };
    const answer = await ask("PUT", "file", { path: saving.path }, headers, content);
    saving.version = answer.version;
  } catch (error) {
    if (error.status !== 412) {
      throw error;
    }
    say(
      `${error.message} Nothing was saved.`,
      true,
      button("Discard my changes and reload", () => reported(reload)),
      button("Save mine all the same", () => reported(() => save("*"))),
    );
    return;
  }
  if (saving === open) {
    text.saved = saved;
    showState();
  }
  say(`Saved ${saving.path}.`);
}

async function reload() {
  const { path } = open;
  close();
  await tree.refresh();
  await openFile(path);
}

/** Ask for a name in a folder; null if the visitor gives none. */
function askName(question, folder, name = "") {
  const given = prompt(question, name);
  return given ? (folder ? `${folder}/${given}` : given) : null;
}

async function makeFile(folder) {
  const path = askName("Name of the new file", folder);
  if (path !== null) {
    await ask("PUT", "file", { path }, { "If-None-Match": "*" }, "");
    tree.expanded.add(folder);
    await tree.refresh();
    await openFile(path);
  }
}

async function makeFolder(folder) {
  const path = askName("Name of the new folder", folder);
  if (path !== null) {
    await ask("POST", "folder", { path });
    tree.expanded.add(folder);
    await tree.refresh();
    say(`Made ${path}.`);
  }
}

async function rename(path) {
  const to = prompt("New name, with its folder", path);
  if (!to || to === path) {
    return;
  }
  await ask("POST", "rename", { path, to });
  if (open && (open.path === path || open.path.startsWith(`${path}/`))) {
    open.path = to + open.path.slice(path.length);
    tree.mark(open.path);
    showState();
  }
  await tree.refresh();
  say(`Renamed ${path} to ${to}.`);
}

async function remove(path) {
  if (!confirm(`Delete ${path}?`)) {
    return;
  }
  await ask("DELETE", "entry", { path });
  if (open && open.path === path) {
    close();
  }
  await tree.refresh();
  say(`Deleted ${path}.`);
}

let uploadFolder = "";

function chooseUpload(folder) {
  uploadFolder = folder;
  find("upload").click();
}

async function upload(file) {
  const path = uploadFolder ? `${uploadFolder}/${file.name}` : file.name;
  if (file.size > MAX_UPLOAD) {
    throw new Error(`${file.name} is larger than ${MAX_UPLOAD / 1000000} MB.`);
  }
  try {
    await ask("PUT", "file", { path }, { "If-None-Match": "*" }, file);
  } catch (error) {
    if (error.status !== 412 || !confirm(`Replace ${path}?`)) {
      throw error;
    }
    await ask("PUT", "file", { path }, { "If-Match": "*" }, file);
  }
  say(`Uploaded ${path}.`);
}

async function uploadAll() {
  const files = Array.from(find("upload").files);
  try {
    for (const file of files) {
      await upload(file);
    }
  } finally {
    find("upload").value = "";
    tree.expanded.add(uploadFolder);
    await tree.refresh();
  }
}

const RESULTS = {
  valid: "Home Assistant finds the saved configuration valid.",
  warning: "Home Assistant finds the saved configuration valid, but warns:",
  invalid: "Home Assistant finds mistakes in the saved configuration:",
  unknown: "Home Assistant did not check the configuration:",
};

async function check() {
  say("Home Assistant checks the saved configuration …");
  find("check").disabled = true;
  try {
    const { result, message } = await ask("POST", "check", {});
    say(`${RESULTS[result]}\n${message}`.trim(), result !== "valid");
  } finally {
    find("check").disabled = false;
  }
}

function showFiles(areShown) {
  find("files").hidden = !areShown;
  find("show-files").setAttribute("aria-expanded", String(areShown));
}

find("save").addEventListener("click", () => reported(() => save()));
find("check").addEventListener("click", () => reported(check));
find("upload").addEventListener("change", () => reported(uploadAll));
find("show-files").addEventListener("click", () => showFiles(find("files").hidden));
find("show-hidden").addEventListener("change", (event) => {
  tree.showsHidden = event.target.checked;
  reported(() => tree.refresh());
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    reported(() => save());
  }
});
window.addEventListener("beforeunload", (event) => {
  if (text.isChanged()) {
    event.preventDefault();
    event.returnValue = "";
  }
});
find("folder-actions").append(...tree.buttons("folder", ""));
reported(() => tree.refresh());
