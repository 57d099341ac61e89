import type { Schemas, User } from './client'
import { collection } from './collection'

export const users = collection<User, Schemas['UserInput']>('/api/v1/users')
