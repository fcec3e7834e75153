// Ask the server, below api/. Paths are relative to the folder of the configuration.

/** What the server refused: `status` of HTTP, and its message. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Return a path for an address. What was not UTF-8 on the disk is a lone surrogate here. */
function encoded(path) {
  return Array.from(path, (letter) =>
    /^[\udc80-\udcff]$/.test(letter)
      ? "%" + (letter.charCodeAt(0) - 0xdc00).toString(16)
      : encodeURIComponent(letter),
  ).join("");
}

/** Return the address of a function of the server with its parameters. */
export function address(name, parameters = {}) {
  const pairs = Object.entries(parameters).map(([key, value]) => `${key}=${encoded(value)}`);
  return `api/${name}?${pairs.join("&")}`;
}

/** Ask the server and return its answer. Throws Refusal, or an Error without a connection. */
export async function ask(method, name, parameters, headers = {}, body = undefined) {
  let answer;
  try {
    answer = await fetch(address(name, parameters), {
      method,
      headers: { "X-Editor": "1", ...headers },
      body,
      redirect: "error",
    });
  } catch {
    throw new Error("The gateway cannot be reached.");
  }
  let content = {};
  try {
    content = await answer.json();
  } catch {
    // nginx's own pages are not for us: the status says enough
  }
  if (!answer.ok) {
    throw new Refusal(answer.status, content.message || `The gateway answers ${answer.status}.`);
  }
  return content;
}
