import { answer, client, type Schemas } from '../api/client'

/** A Depended is a record that the API names the dependencies of: its collection and its id. */
export type Depended = ['users' | 'contact-methods' | 'numbers' | 'internal-numbers' | 'call-flows', string]

/** dependencies are what a deletion of the record removes or changes beside it. */
export async function dependencies([collection, id]: Depended): Promise<Schemas['Dependency'][]> {
  const { items } = await answer(client.GET(`/api/v1/${collection}/{id}/dependencies`, { params: { path: { id } } }))
  return items ?? []
}
