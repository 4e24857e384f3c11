// The command line: finds the command, reads its arguments, prints what came of it. What is done is decided in src/operations.
import { MessageChannel } from 'node:worker_threads'
import { findClosestWord } from '../shared/closest-word.ts'
import { ConfigurationError } from '../shared/errors.ts'
import { OperationError } from '../operations/operation-error.ts'
import { associatesCheck, associatesReport } from './associates.ts'
import { auditArchive } from './audit-archive.ts'
import { auditDisclosures } from './audit-disclosures.ts'
import { auditEmergency } from './audit-emergency.ts'
import { auditExport } from './audit-export.ts'
import { auditHold, auditHolds, auditRelease } from './audit-hold.ts'
import { auditPatient } from './audit-patient.ts'
import { auditPrune } from './audit-prune.ts'
import { auditQuery } from './audit-query.ts'
import { auditShred } from './audit-shred.ts'
import { auditTail } from './audit-tail.ts'
import { auditVerify } from './audit-verify.ts'
import { backup, restore, restoreDrill } from './backup.ts'
import { check } from './check.ts'
import { describeUsage, readArguments, UsageError, type Command } from './command.ts'
import { configCheck, printFindings } from './config-check.ts'
import { configSchema } from './config-schema.ts'
import { coverage } from './coverage.ts'
import { egressSeen } from './egress-seen.ts'
import { explain } from './explain.ts'
import { init } from './init.ts'
import { keysCa } from './keys-ca.ts'
import { keysCreate } from './keys-create.ts'
import { keysEscrow, keysRecover } from './keys-escrow.ts'
import { keysRotate } from './keys-rotate.ts'
import { learnPolling } from './learn-polling.ts'
import { mailQueueDrop, mailQueueList, mailQueueRetry } from './mail-queue.ts'
import { createOutput, plain, type Output } from './output.ts'
import { quarantineDrop, quarantineList, quarantineRelease, quarantineShow } from './quarantine.ts'
import { redact } from './redact.ts'
import { serve } from './serve.ts'
import { sessionsRevoke } from './sessions-revoke.ts'
import { status } from './status.ts'
import { readVersion } from './version.ts'

const commands: readonly Command[] = [
  init, serve, status, check, configCheck, configSchema, explain, coverage, learnPolling, keysCreate, keysCa, keysRotate, keysEscrow, keysRecover,
  auditTail, auditQuery, auditPatient, auditDisclosures, auditExport, auditVerify, auditArchive, auditPrune,
  auditHold, auditRelease, auditHolds, auditShred, auditEmergency, backup, restore, restoreDrill, sessionsRevoke, redact,
  quarantineList, quarantineShow, quarantineRelease, quarantineDrop,
  mailQueueList, mailQueueRetry, mailQueueDrop, associatesCheck, associatesReport, egressSeen,
]

const exitUsage = 2

function describeCommands (listed: readonly Command[]): string {
  const width = Math.max(...listed.map(command => command.name.length))
  return listed.map(command => `  ${command.name.padEnd(width)}  ${command.summary}`).join('\n')
}

function describeAll (): string {
  return ['Sallyport, the guarded door of a CRM.', '', 'Usage: sallyport COMMAND', '', describeCommands(commands), '', 'sallyport COMMAND --help tells more. sallyport --version prints the version.'].join('\n')
}

function describeOne (command: Command): string {
  const names = Object.entries(command.options).map(([name, { value, help }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, help] as const)
  const width = Math.max(0, ...names.map(([name]) => name.length))
  return [`Usage: ${describeUsage(command)}`, '', command.summary, ...(names.length === 0 ? [] : ['', ...names.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`)])].join('\n')
}

/** The command whose words the arguments begin with. */
function findCommand (args: readonly string[]): { readonly command: Command, readonly rest: readonly string[] } | undefined {
  for (const command of commands) {
    const words = command.name.split(' ')
    if (words.every((word, index) => args[index] === word)) return { command, rest: args.slice(words.length) }
  }
  return undefined
}

function explainUnknown (args: readonly string[]): string {
  const [first = '', second] = args
  const group = commands.filter(command => command.name.split(' ')[0] === first).map(command => command.name)
  const typed = plain(second === undefined || second.startsWith('-') ? first : `${first} ${second}`)
  if (group.length > 0 && typed === first) return `${first} needs a second word: ${group.join(', ')}.`
  const close = findClosestWord(typed, commands.map(command => command.name)) ?? findClosestWord(first, commands.map(command => command.name))
  return `${typed} is not a command.${close === undefined ? ' sallyport --help lists them.' : ` Did you mean sallyport ${close}?`}`
}

async function run (args: readonly string[], output: Output): Promise<number> {
  const [first] = args
  if (first === '--version') { output.line(readVersion()); return 0 }
  if (first === undefined) { output.remark(describeAll()); return exitUsage }
  if (first === '--help' || first === '-h' || first === 'help') { output.line(describeAll()); return 0 }
  const group = commands.filter(command => command.name.startsWith(`${first} `))
  if (group.length > 0 && args.length === 2 && (args[1] === '--help' || args[1] === '-h')) { output.line(describeCommands(group)); return 0 }
  const found = findCommand(args)
  if (found === undefined) throw new UsageError(explainUnknown(args))
  if (found.rest.includes('--help') || found.rest.includes('-h')) { output.line(describeOne(found.command)); return 0 }
  return await found.command.run(readArguments(found.command, found.rest), output)
}

/** The clock's timers do not keep a process alive, so a running command does. Returns what ends it. */
function stayAlive (): () => void {
  const { port1 } = new MessageChannel()
  port1.on('message', () => { /* an open port is all that is needed */ })
  return () => { port1.close() }
}

/** Returns the exit code: 0 done, 1 refused or failed, 2 not understood; 3 (questions to the trail): answered, but not from a whole trail. */
export async function runCli (args: readonly string[]): Promise<number> {
  const output = createOutput()
  const rest = stayAlive()
  try {
    return await run(args, output)
  } catch (error) {
    if (error instanceof UsageError) { output.remark(error.message); return exitUsage }
    if (error instanceof OperationError) { output.remark(error.message); return 1 }
    if (error instanceof ConfigurationError) { printFindings(error.findings, text => { output.remark(text) }); return 1 }
    throw error
  } finally {
    rest()
  }
}
