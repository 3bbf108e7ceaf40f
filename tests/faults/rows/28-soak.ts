import { defineRow } from '../row.ts'
import { soakDefinition } from '../soak.ts'

defineRow(soakDefinition())
