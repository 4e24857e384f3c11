// The tables of texts that come with Sallyport, as they lie in config/texts, and one of a language that is written from right to left.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { TextsFile } from '../../src/inbound/pages/config.ts'

export const readShipped = (name: string) => parse(readFileSync(join(import.meta.dirname, `../../config/texts/${name}.yaml`), 'utf8')) as TextsFile

/** Only a few texts: the rest is English. */
export const arabic: TextsFile = {
  language: 'ar',
  signedOut: { idleTitle: 'تم تسجيل خروجك', idleText: 'لم يحدث شيء لمدة {duration}، لذلك أُغلقت جلستك.' },
  actions: { signInAgain: 'تسجيل الدخول مرة أخرى' },
  warning: { title: 'سيتم تسجيل خروجك', text: 'سيتم تسجيل خروجك خلال {duration}.' },
}
