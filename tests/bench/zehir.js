// Decode and answer D2L frames with Zehir's library, as often as standard input asks for.
//
// Each line of standard input is a JSON object: {"key", "iv", "frames"} in hexadecimal, or
// {"turns"}: decode that many frames in turn, and print the CPU seconds that it took.
const readline = require('readline');
const D2L = require('eesmart-d2l');

let frames = [], next = 0, decoder;

function turn() {
    decoder.parseRequest(frames[next]);
    next = (next + 1) % frames.length;
    return [decoder.getPayload(), decoder.getResponse()];
}

readline.createInterface({input: process.stdin}).on('line', (line) => {
    const asked = JSON.parse(line);
    if (asked.frames !== undefined) {
        decoder = new D2L(asked.key, asked.iv);
        frames = asked.frames.map((frame) => Buffer.from(frame, 'hex'));
        console.log('ready');
        return;
    }
    const started = process.cpuUsage();
    for (let i = 0; i < asked.turns; i++) turn();
    const {user, system} = process.cpuUsage(started);
    console.log((user + system) / 1e6);
});
