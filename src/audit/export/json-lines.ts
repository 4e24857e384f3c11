// JSON Lines: the flat row of each record, and the whole event as it was recorded beside it. The one format that leaves nothing out.
import { toRow } from '../questions/row.ts'
import type { ExportFormat } from './format.ts'

export function createJsonLines (): ExportFormat {
  return {
    file: 'records.jsonl',
    begin: () => '',
    add: found => `${JSON.stringify({ ...toRow(found), event: found.event, hash: found.record?.hash })}\n`,
    end: () => '',
  }
}
