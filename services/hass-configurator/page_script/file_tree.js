// The folders and files, with what can be done to each.

import { address, ask } from "./api.js";

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function button(text, act, properties = {}) {
  const made = element("button", { type: "button", textContent: text, ...properties });
  made.addEventListener("click", act);
  return made;
}

const inside = (folder, name) => (folder ? `${folder}/${name}` : name);

export class FileTree {
  /** `actions` has open, makeFile, makeFolder, upload, rename, remove; each gets a path. */
  constructor(list, actions) {
    this.list = list;
    this.actions = actions;
    this.expanded = new Set();
    this.current = null;
    this.showsHidden = false;
  }

  /** Read everything that is expanded again. */
  async refresh() {
    const fresh = await this.entries("");
    this.list.textContent = "";
    this.list.append(...fresh);
  }

  /** Mark the file that is open. */
  mark(path) {
    this.current = path;
    for (const name of this.list.querySelectorAll(".name")) {
      this.markName(name);
    }
  }

  markName(name) {
    if (name.path === this.current) {
      name.setAttribute("aria-current", "true");
    } else {
      name.removeAttribute("aria-current");
    }
  }

  async entries(folder) {
    const listing = await ask("GET", "folder", { path: folder });
    const shown = listing.entries.filter(({ name }) => this.showsHidden || !name.startsWith("."));
    const rows = await Promise.all(shown.map((entry) => this.entry(folder, entry)));
    if (!listing.is_complete) {
      rows.push(element("li", { className: "note", textContent: "… and more files" }));
    }
    return rows;
  }

  async entry(folder, { name, kind, is_link: isLink }) {
    const path = inside(folder, name);
    const item = element("li");
    const shown = button(isLink ? `${name} (link)` : name, () => this.chosen(kind, path));
    shown.classList.add("name", kind);
    shown.path = path;
    this.markName(shown);
    const more = button("⋯", () => this.toggleActions(item, more, kind, path));
    more.setAttribute("aria-label", `Actions for ${name}`);
    more.setAttribute("aria-expanded", "false");
    item.append(element("div", { className: "row" }, shown, more));
    if (kind === "folder") {
      shown.setAttribute("aria-expanded", String(this.expanded.has(path)));
      if (this.expanded.has(path)) {
        item.append(element("ul", {}, ...(await this.contents(path))));
      }
    }
    return item;
  }

  /** Return what is in a folder; a folder that cannot be read says so, and no other one suffers. */
  async contents(path) {
    try {
      return await this.entries(path);
    } catch (error) {
      return [element("li", { className: "note", textContent: error.message })];
    }
  }

  chosen(kind, path) {
    if (kind === "folder") {
      this.expanded[this.expanded.has(path) ? "delete" : "add"](path);
      return this.actions.refresh();
    }
    return this.actions.open(path);
  }

  toggleActions(item, more, kind, path) {
    const shown = item.querySelector(":scope > .actions");
    more.setAttribute("aria-expanded", String(!shown));
    if (shown) {
      shown.remove();
    } else {
      const row = element("div", { className: "actions" }, ...this.buttons(kind, path));
      item.querySelector(".row").after(row);
    }
  }

  /** Return the buttons for a path; "" is the folder itself, which stays. */
  buttons(kind, path) {
    const made = [];
    if (kind === "folder") {
      made.push(
        button("New file", () => this.actions.makeFile(path)),
        button("New folder", () => this.actions.makeFolder(path)),
        button("Upload", () => this.actions.upload(path)),
      );
    }
    if (kind === "file") {
      made.push(button("Download", () => download(path)));
    }
    if (path) {
      made.push(
        button("Rename", () => this.actions.rename(path)),
        button("Delete", () => this.actions.remove(path)),
      );
    }
    return made;
  }
}

function download(path) {
  const link = element("a", { href: address("download", { path }), download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}
