// Invented call recordings. What is heard is a short generated melody, see tone.ts.
import type { Recording } from './records.ts'

/** A fresh copy of the seeded recordings, newest first. */
export function seedRecordings (): Recording[] {
  return [
    { id: 'r-3001', patientId: 'p-1006', caller: 'Walter Notareal', direction: 'incoming', takenBy: 'nurse@harbor.example', at: '2026-11-20T15:42:00.000Z', seconds: 6, summary: 'Asks whether to take the morning tablet before the blood test' },
    { id: 'r-3002', patientId: 'p-1011', caller: 'Poppy Testerly', direction: 'outgoing', takenBy: 'nurse@harbor.example', at: '2026-11-20T13:05:00.000Z', seconds: 5, summary: 'Result of the glucose test, and the next appointment' },
    { id: 'r-3003', patientId: 'p-1002', caller: 'Otto Sampleworth', direction: 'incoming', takenBy: 'front-desk@harbor.example', at: '2026-11-19T10:31:00.000Z', seconds: 4, summary: 'Moves the visit to the first of December' },
    { id: 'r-3004', patientId: undefined, caller: 'Tansy Imagined', direction: 'incoming', takenBy: 'front-desk@harbor.example', at: '2026-11-18T09:12:00.000Z', seconds: 7, summary: 'Asks about prenatal care and which plans are accepted' },
    { id: 'r-3005', patientId: 'p-1001', caller: 'Fern Exampleton', direction: 'outgoing', takenBy: 'nurse@harbor.example', at: '2026-11-17T16:20:00.000Z', seconds: 3, summary: 'Reminder: bring the inhaler' },
    { id: 'r-3006', patientId: 'p-1009', caller: 'Hazel Inventa', direction: 'incoming', takenBy: 'nurse@harbor.example', at: '2026-11-14T11:48:00.000Z', seconds: 5, summary: 'Would like to see somebody sooner' },
  ]
}
