// The web servers that others put before a CRM, as peers: nginx asking at each request whether it may go on, and HAProxy. Both check nothing and
// record nothing; they speak HTTP/1.1 and HTTP/2.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../test/support/journey.ts'
import type { Peer, PeerFiles } from './peers.ts'
import { end, familyOf, proxyCore, spawnOn } from './processes.ts'

/** Until something listens there, at most ten seconds. */
export async function waitForPort (port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(() => true, () => false)
    socket.destroy()
    if (isOpen) return
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
  throw new Error(`nothing listens on port ${port}`)
}

/** The child runs; its workers are counted with it. */
export async function startServer (name: string, command: readonly string[], port: number, files: PeerFiles): Promise<Peer> {
  const child = spawnOn(proxyCore, command)
  child.stdout?.resume()
  await waitForPort(port)
  return { name, url: `https://127.0.0.1:${port}/`, host: 'localhost', port, headers: {}, caPem: files.caPem, hasWebSockets: true, processIds: familyOf(child.pid as number), stop: () => end(child) }
}

/** (c) */
export async function startNginx (upstreamUrl: string, files: PeerFiles): Promise<Peer> {
  const port = await freePort()
  const { directory } = files
  const file = join(directory, 'nginx.conf')
  writeFileSync(file, `
daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log stderr crit;${process.getuid?.() === 0 ? ' user root;' : ''}
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; client_max_body_size 0;
  fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  upstream crm { server ${new URL(upstreamUrl).host}; keepalive 128; }
  map $http_upgrade $passed { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port} ssl http2; ssl_certificate ${files.certificate}; ssl_certificate_key ${files.key}; ssl_protocols TLSv1.2 TLSv1.3; keepalive_requests 1000000000;
    location = /may { internal; return 204; }
    location / {
      auth_request /may; proxy_pass http://crm; proxy_http_version 1.1;
      proxy_set_header Connection $passed; proxy_set_header Upgrade $http_upgrade;
    }
  }
}
`)
  return startServer('nginx, auth_request', ['nginx', '-c', file], port, files)
}

/** (d) */
export async function startHaproxy (upstreamUrl: string, files: PeerFiles): Promise<Peer> {
  const port = await freePort()
  const file = join(files.directory, 'haproxy.cfg')
  writeFileSync(file, `
global
  nbthread 1
  log stderr format raw local0 emerg
defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
  http-reuse always
frontend people
  bind 127.0.0.1:${port} ssl crt ${files.pair} alpn h2,http/1.1
  default_backend crm
backend crm
  server crm ${new URL(upstreamUrl).host} pool-max-conn 256
`)
  return startServer('HAProxy', ['haproxy', '-db', '-f', file], port, files)
}
