// `sallyport keys escrow` and `sallyport keys recover`: keys for the safe, and out of it again.
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { UsageError, type Command } from './command.ts'
import { plain } from './output.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

export const keysEscrow: Command = {
  name: 'keys escrow',
  positionals: [],
  options: { 'to-file': { value: 'FILE', help: 'A new file: it can lie anywhere, it is sealed.', isNeeded: true }, ...askingOptions },
  summary: 'Seals the keys that the trail, its archive and its backups cannot be read without into a file for the safe, and shows once the code that opens it.',
  async run ({ options }, output) {
    const file = options.get('to-file')
    if (file === undefined) throw new UsageError('keys escrow needs --to-file: a new file for the sealed keys.')
    const reason = requireReason(options)
    const { escrowKeys } = await import('../operations/escrow-keys.ts')
    const { code, holds, missing } = await escrowKeys({ configFile: options.get('config') ?? defaultConfigFile, reason, file: resolve(file) })
    output.line(plain(`${file} holds ${holds.join(', ')}, sealed.`))
    for (const sentence of missing) output.remark(plain(sentence))
    output.line('')
    output.line(`    ${code}`)
    output.line('')
    output.line('This code opens it and is shown only now. Write it on paper and keep it in another place than the file;')
    output.line('then try it: sallyport keys recover FILE --to-dir DIRECTORY')
    return 0
  },
}

export const keysRecover: Command = {
  name: 'keys recover',
  positionals: ['FILE'],
  options: { 'to-dir': { value: 'DIRECTORY', help: 'Where the keys are written; nothing there is overwritten.', isNeeded: true } },
  summary: 'Writes the keys of an escrow file into a directory. Asks for the code on standard input.',
  async run ({ options, positionals: [file = ''] }, output) {
    const directory = options.get('to-dir')
    if (directory === undefined) throw new UsageError('keys recover needs --to-dir: a directory for the keys.')
    output.remark('Type the code (six groups of five) and end with Ctrl-D:')
    const code = await readAll(process.stdin)
    const { recoverKeys } = await import('../operations/escrow-keys.ts')
    for (const written of await recoverKeys({ file: resolve(file), directory: resolve(directory), code })) output.line(plain(written))
    return 0
  },
}
