// Three invented people of the clinic, by what they may do.

export interface DemoPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly groups: readonly string[]
  /** For the welcome text. */
  readonly may: string
}

export const people: readonly DemoPerson[] = [
  { id: 'nurse@harbor.example', name: 'Nurse Example', email: 'nurse@harbor.example', groups: ['clinic-nurses'], may: 'everything' },
  { id: 'front-desk@harbor.example', name: 'Front-Desk Example', email: 'front-desk@harbor.example', groups: ['clinic-front-desk'], may: 'everything but call recordings' },
  { id: 'visitor@harbor.example', name: 'Visitor Example', email: 'visitor@harbor.example', groups: [], may: 'nothing: has no role, and is told so' },
]
