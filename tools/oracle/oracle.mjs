// Answers simulations, one JSON object a line on standard input, with one line
// each on standard output. It is the one place where the outside simulator runs:
// it shares nothing with Regent but these lines.
import { createInterface } from 'node:readline'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

const outcomes = { Allowed: 'allowed', ExplicitlyDenied: 'explicitDeny', ImplicitlyDenied: 'implicitDeny' }

async function answer({ id, simulation }) {
  if (simulation.request.principal === '') simulation.request.principal = anonymousPrincipal
  try {
    const got = await runSimulation(simulation, { simulationMode: 'Strict' })
    if (got.resultType === 'error') return { id, refused: JSON.stringify(got.errors) }
    const outcome = outcomes[got.overallResult]
    if (outcome === undefined) return { id, refused: `unknown result ${got.overallResult}` }
    return { id, outcome, ignored: got.result?.ignoredContextKeys ?? [] }
  } catch (error) {
    return { id, refused: `thrown: ${error}` }
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n')
}
