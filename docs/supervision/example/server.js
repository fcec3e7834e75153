// A server that reports to the supervisor with systemd-notify: Node itself has no Unix datagrams.
// The packages sd-notify and unix-dgram send them without another process.
const { execFile } = require('node:child_process')
const http = require('node:http')

function notify (...lines) {
  execFile('systemd-notify', lines, error => error && console.error(`notify: ${error.message}`))
}

const server = http.createServer((_request, response) => response.end('node\n'))
server.listen(8002, '127.0.0.1', () => {
  notify('READY=1', 'STATUS=listening')
  setInterval(() => notify('WATCHDOG=1'), Number(process.env.WATCHDOG_USEC) / 3000)
})
process.on('SIGTERM', () => process.exit(0))
