// What the YAML parser found wrong, in our own sentences: its texts quote the file, which can hold anything.
import type { ErrorCode } from 'yaml'

const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'An alias (*name) stands alone: remove what stands before it.',
  BAD_ALIAS: 'A text that begins with * or & needs quotes around it, as \'* /**\'; without them it is an alias, and there is none of this name.',
  BAD_COLLECTION_TYPE: 'This tag (!name) does not fit what follows it: leave it out.',
  BAD_DIRECTIVE: 'A line that begins with % is a YAML directive and is not needed: remove it.',
  BAD_DQ_ESCAPE: 'A backslash in double quotes begins an escape, and this one does not exist: write it in single quotes.',
  BAD_INDENT: 'The indentation does not fit the lines above: settings of one section start in the same column, and every [ and { above is closed.',
  BAD_PROP_ORDER: 'An anchor (&name) or tag (!name) stands behind the dash or colon.',
  BAD_SCALAR_START: 'Text cannot begin with this character: put it in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'There is a second colon on this line: put the text in quotes, or begin a new line.',
  BLOCK_IN_FLOW: 'Inside [ ] or { } everything is written with commas, not with lines and dashes.',
  DUPLICATE_KEY: 'This setting stands here a second time: keep one of them, it is not clear which is meant.',
  MISSING_CHAR: 'A character is missing here: a colon behind a name (with a space after it), a comma, a closing quote or bracket, or the dash of a list.',
  MULTILINE_IMPLICIT_KEY: 'A name and its colon stand on one line: look for a missing colon or quote above.',
  MULTIPLE_ANCHORS: 'Only one anchor (&name) can stand here.',
  MULTIPLE_DOCS: 'A second document begins here (---): the configuration is one document.',
  MULTIPLE_TAGS: 'Tags (!name) are not used in the configuration: leave them out.',
  NON_STRING_KEY: 'A name must be text.',
  RESOURCE_EXHAUSTION: 'The configuration is nested too deeply: write it out plainly.',
  TAB_AS_INDENT: 'A tab indents this line: use spaces.',
  TAG_RESOLVE_FAILED: 'Tags (!name) are not used in the configuration: leave it out.',
  UNEXPECTED_TOKEN: 'This cannot stand here: look for a missing quote, comma or closing bracket on this line or the one above.',
}

export function explainYamlError (code: ErrorCode): string {
  return sentences[code] ?? 'This is not valid YAML: look for a missing quote, colon or bracket on this line or the one above.'
}
