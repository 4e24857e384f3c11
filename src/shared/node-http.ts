// Node's HTTP/1.1 module, taken in the one way that leaves its fetch alone: `import … from 'node:http'` reads every export of it, and some of them load
// a second undici, 16 MiB of memory for something that nothing here uses.
const http = process.getBuiltinModule('node:http')

export const { createServer, METHODS, request, ServerResponse, STATUS_CODES } = http
