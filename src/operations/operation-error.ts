// An operation that cannot be done, in one sentence for the administrator.
export class OperationError extends Error {
  override readonly name = 'OperationError'
}

/** ` (EACCES)` for an error of the system, nothing for others. */
export function describeCode (error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
}
