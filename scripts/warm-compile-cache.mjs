// Fills the compile cache of bin/sallyport.js when the image is made: what runs there cannot write it, and without it every start strips types, which takes a
// third of a second and tens of megabytes.
import { readdirSync, rmSync } from 'node:fs'
import { createRequire, enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

const root = join(import.meta.dirname, '..')
const directory = join(root, 'node_modules/.cache/compile')
rmSync(directory, { recursive: true, force: true })
// As bin/sallyport.js does it: a cache is for its flags only.
setFlagsFromString('--semi-space-growth-factor=1')
enableCompileCache({ directory, portable: true })
// The commands, the gateway, and what it loads for those who have it.
const own = ['cli/cli', 'cli/commands', 'main', 'build-outbound', 'inbound/mask-answer', 'inbound/masking/mask-answer', 'inbound/access/graphql', 'phi/phi', 'workers/workers']
for (const file of own) await import(new URL(`../src/${file}.ts`, import.meta.url))
for (const name of ['@node-saml/node-saml', 'xml-crypto', 'xml-encryption', 'css-select', 'ioredis', 'jose']) await import(name)
// What packages require once they are used.
for (const name of ['abstract-logging', '@fastify/cookie', 'cookie']) createRequire(import.meta.url)(name)
flushCompileCache()
// One that was not portable would be for this account alone, and nobody would notice but by the clock.
const made = readdirSync(directory)
if (made.length !== 1 || made[0].endsWith(`-${process.getuid?.()}`)) throw new Error(`the compile cache is not one for every account: ${made.join(', ')}`)
