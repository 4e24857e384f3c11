// Where the parts of a trail lie in a gateway's data directory.
import { join } from 'node:path'

/** Of administrators' operations: the gateway is the one writer of its own spool. */
export function operationsSpool (dataDirectory: string): string {
  return join(dataDirectory, 'audit-cli')
}

export function checkpointsOf (dataDirectory: string): string {
  return join(dataDirectory, 'checkpoints')
}

/** All spools, with their names for people. */
export function spoolsOf (dataDirectory: string): ReadonlyArray<{ readonly directory: string, readonly name: string }> {
  return [{ directory: join(dataDirectory, 'audit'), name: 'the gateway\'s spool' }, { directory: operationsSpool(dataDirectory), name: 'the spool of operations' }]
}
