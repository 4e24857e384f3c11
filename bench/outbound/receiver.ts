// An https receiver of webhooks in a process of its own: answers 200 at once. Its certificate comes by message.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

process.once('message', ({ cert, key }: { readonly cert: string, readonly key: string }) => {
  const server = createServer({ cert, key }, (request, response) => {
    request.resume().on('end', () => { response.writeHead(200).end('ok') })
  })
  server.listen(0, '127.0.0.1', () => { process.send?.((server.address() as AddressInfo).port) })
})
