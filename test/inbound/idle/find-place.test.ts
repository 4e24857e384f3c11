// Where the script goes in, in documents as they are written, and that it goes into nothing else.
import t from 'tap'
import { findPlace } from '../../../src/inbound/idle/find-place.ts'

/** Behind each: how many blanks stand before the place, or what keeps that from being read twice. */
const documents = [
  ['<!doctype html><html><head>|<title>x</title>', 'as it should be', 0],
  ['\n  <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\r\n<HTML lang="en"><HEAD>|<meta>', 'old, in capitals', 4],
  ['\r<!doctype html>\r\n\r\n\t<html>\f<head>|\n<meta>', 'ends of lines in all ways', 5],
  ['<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head >|<title/>', 'XHTML', undefined],
  ['<!-- a > b --><!doctype html><!----><html data-x="a>b"><head class=\'>\'>|', 'comments and quoted marks', undefined],
  ['<!doctype html><!-- x --><html><head>|', 'a comment', undefined],
  ['<!doctype html>\n|<title>x</title>', 'no head written out', 1],
  ['<!doctype html><html>|<body>', 'no head at all', 0],
  ['<html>|text', 'text behind html', 0],
  ['<head>|', 'a head alone', 0],
  ['|<title>x</title><p>', 'a title first', 0],
  ['|<body onload="x">', 'a body first', 0],
  ['<!doctype html>|<p>text', 'a paragraph of a document', 0],
] as const

for (const [marked, name, blanks] of documents) {
  t.test(name, async t => {
    const at = marked.indexOf('|')
    const text = marked.replace('|', '')
    t.same(findPlace(text, { isAll: true }), { at, blanks })
    t.same(findPlace(`${text}<p>and more, long enough to decide</p>`, { isAll: false }), { at, blanks })
    // Whatever has come so far, it never says another place.
    for (let length = 0; length < text.length; length += 1) {
      const place = findPlace(text.slice(0, length), { isAll: false })
      t.ok(place === 'unknown' || (typeof place === 'object' && place.at === at && place.blanks === blanks), `${length} of ${text.length}: ${JSON.stringify(place)}`)
    }
  })
}

for (const text of [
  '<div>a fragment</div>', '<tr><td>1</td></tr>', 'plain text', '{"a":1}', '', '   ', '<script>1</script>', '<!-- only a comment -->', '<!doctype svg><svg>', '<header>x</header>', '<html', '<!doctype html',
  '<!-- never closed <head>', '<article><head>x</head></article>',
]) {
  t.test(`nothing: ${JSON.stringify(text)}`, async t => { t.equal(findPlace(text, { isAll: true }), 'none') })
}
