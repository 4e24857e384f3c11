// Loaded before the test runner's own hooks. Those wrap Node's loader of TypeScript for `require` and forget to say that it is TypeScript, so that a module that the gateway takes
// with `require` when it is first needed could not be read in a test. Nothing is lost with the wrapping: it counts coverage, which is switched off.
import { Module } from 'node:module'

const load = Module._extensions['.js']
for (const ending of ['.ts', '.cts']) Object.defineProperty(Module._extensions, ending, { get: () => load, set () { /* stays what it is */ } })
