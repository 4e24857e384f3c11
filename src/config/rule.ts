// What a rule across fields is: a function that looks at a draft and reports what cannot be right.
import type { SecretValue } from '../shared/schema.ts'
import type { DraftConfig } from './draft.ts'
import type { Path } from './problem.ts'

export interface RuleInput {
  /** Paths of files in it are absolute. */
  readonly config: DraftConfig
  /** Secrets by setting, as far as they could be read. */
  readonly secrets: ReadonlyMap<string, SecretValue>
  /** Now, in milliseconds since the epoch. */
  readonly now: number
}

export interface Report {
  /** Nothing starts. `text` goes on after the setting's name and a space. */
  refuse(path: Path, text: string): void
  /** The gateway starts all the same; `config check` says it. */
  warn(path: Path, text: string): void
}

export type Rule = (input: RuleInput, report: Report) => void | Promise<void>
