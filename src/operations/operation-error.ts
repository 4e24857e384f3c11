// An operation that cannot be done, in one sentence for the administrator.
export class OperationError extends Error {
  override readonly name = 'OperationError'
}
