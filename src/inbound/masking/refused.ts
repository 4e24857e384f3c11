// Why a request about masked fields does not reach the CRM; thrown where it is found, caught where the verdict is given.
import type { maskingReasons } from './reasons.ts'

export class Refused extends Error {
  readonly code: keyof typeof maskingReasons.table
  constructor (code: keyof typeof maskingReasons.table) {
    super(code)
    this.code = code
  }
}
