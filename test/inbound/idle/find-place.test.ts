// Where the script goes in, in documents as they are written, and that it goes into nothing else.
import t from 'tap'
import { findPlace } from '../../../src/inbound/idle/find-place.ts'

const documents = [
  ['<!doctype html><html><head>|<title>x</title>', 'as it should be'],
  ['\n  <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\r\n<HTML lang="en"><HEAD>|<meta>', 'old, in capitals'],
  ['<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head >|<title/>', 'XHTML'],
  ['<!-- a > b --><!doctype html><!----><html data-x="a>b"><head class=\'>\'>|', 'comments and quoted marks'],
  ['<!doctype html>|<title>x</title>', 'no head written out'],
  ['<!doctype html><html>|<body>', 'no head at all'],
  ['<html>|text', 'text behind html'],
  ['<head>|', 'a head alone'],
  ['|<title>x</title><p>', 'a title first'],
  ['|<body onload="x">', 'a body first'],
  ['<!doctype html>|<p>text', 'a paragraph of a document'],
] as const

for (const [marked, name] of documents) {
  t.test(name, async t => {
    const at = marked.indexOf('|')
    const text = marked.replace('|', '')
    t.same(findPlace(text, { isAll: true }), { at })
    t.same(findPlace(`${text}<p>and more, long enough to decide</p>`, { isAll: false }), { at })
    // Whatever has come so far, it never says another place.
    for (let length = 0; length < text.length; length += 1) {
      const place = findPlace(text.slice(0, length), { isAll: false })
      t.ok(place === 'unknown' || (typeof place === 'object' && place.at === at), `${length} of ${text.length}: ${JSON.stringify(place)}`)
    }
  })
}

for (const text of [
  '<div>a fragment</div>', '<tr><td>1</td></tr>', 'plain text', '{"a":1}', '', '   ', '<script>1</script>', '<!-- only a comment -->', '<!doctype svg><svg>', '<header>x</header>', '<html', '<!doctype html',
  '<!-- never closed <head>', '<article><head>x</head></article>',
]) {
  t.test(`nothing: ${JSON.stringify(text)}`, async t => { t.equal(findPlace(text, { isAll: true }), 'none') })
}
