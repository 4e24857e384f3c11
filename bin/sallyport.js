#!/usr/bin/env node
// Starts the command line. Plain JavaScript, so that an old Node.js gets a sentence instead of a syntax error in a file of types.
const neededMajor = 24
if (Number(process.versions.node.split('.')[0]) < neededMajor) {
  process.stderr.write(`Sallyport needs Node.js ${neededMajor} or newer, this is ${process.versions.node}: install Node.js 26, or put npx before the command, which takes the one that comes with the packages (npx node bin/sallyport.js …).\n`)
  process.exit(1)
}
// The start makes much that is not needed afterwards; a young generation that grew with it would never shrink again (letYoungGrow takes this back).
const { setFlagsFromString } = await import('node:v8')
setFlagsFromString('--semi-space-growth-factor=1')
// Types are stripped once and kept beside the program, never in a directory that others can write: the next start is quicker and does not load
// the compiler. Where nothing can be written, it works without.
const { enableCompileCache } = await import('node:module')
const { fileURLToPath } = await import('node:url')
const directory = fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url))
// Portable: an image is made in one directory and run in another. Node.js 24 knows only the name.
enableCompileCache(Number(process.versions.node.split('.')[0]) > 24 ? { directory, portable: true } : directory)
const { runCli } = await import('../src/cli/cli.ts')
process.exitCode = await runCli(process.argv.slice(2))
