// The schema of the configuration, for editors and other programs.
import { createSchemaDocument } from '../config/config.ts'

export function describeSchema (): object {
  return createSchemaDocument()
}
