// `sallyport audit verify`: is the trail what was written, and all of it?
import { resolve } from 'node:path'
import { OperationError } from '../operations/operation-error.ts'
import { ConfigurationError } from '../shared/errors.ts'
import type { Verdict } from '../operations/verify-trail.ts'
import type { Command } from './command.ts'
import { printFindings } from './config-check.ts'
import { formatVerification } from './format-verification.ts'
import { plain } from './output.ts'
import { askingOptions, requireReason } from './question-options.ts'
import { defaultConfigFile } from './serve.ts'

/** 0 intact, 1 tampered, 2 incomplete, 3 cannot tell. */
const exitCodes: Readonly<Record<Verdict, number>> = { intact: 0, tampered: 1, incomplete: 2, unknown: 3 }

export const auditVerify: Command = {
  name: 'audit verify',
  positionals: [],
  options: {
    deep: { help: 'Also: do clear fields and tokens say what is sealed, and has each exchange one ending?' },
    spool: { value: 'DIRECTORY', help: 'A copy of a spool, instead of the places of the configuration.' },
    checkpoints: { value: 'DIRECTORY', help: 'Further checkpoints: what a witness or another replica keeps. Several with commas.' },
    json: { help: 'The result as one JSON document.' },
    ...askingOptions,
  },
  summary: 'Verifies the trail in spool, Redis and archive against its seals, its chain and the signed checkpoints. Exit code 0 intact, 1 tampered, 2 incomplete, 3 cannot tell.',
  async run ({ options }, output) {
    const { verifyWholeTrail } = await import('../operations/verify-trail.ts')
    const reason = requireReason(options)
    const told = await verifyWholeTrail({
      configFile: options.get('config') ?? defaultConfigFile,
      reason,
      isDeep: options.has('deep'),
      spool: options.has('spool') ? resolve(options.get('spool') as string) : undefined,
      moreCheckpoints: (options.get('checkpoints') ?? '').split(',').filter(text => text.trim() !== '').map(text => resolve(text.trim())),
      onProgress: output.progress,
    }).catch((error: unknown) => {
      if (error instanceof ConfigurationError) printFindings(error.findings, text => { output.remark(text) })
      else if (error instanceof OperationError) output.remark(error.message)
      else throw error
      return undefined
    })
    // 1 would mean that something was tampered with.
    if (told === undefined) return exitCodes.unknown
    output.progress(undefined)
    if (options.has('json')) output.line(JSON.stringify(told))
    else for (const line of formatVerification(told)) output.line(plain(line))
    return exitCodes[told.verdict]
  },
}
