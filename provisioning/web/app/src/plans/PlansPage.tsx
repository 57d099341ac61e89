import { Fieldset, NumberInput, Progress, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import { plans, type Plan } from '../api/collections'
import { DeleteDialog } from '../edit/DeleteDialog'
import { EditDrawer } from '../edit/EditDrawer'
import { ListPage } from '../list/ListPage'
import { useTexts } from '../texts'
import { later } from '../users/draft'
import { draftOf, included, inputOf, priceOf } from './plan'
import { PlanTabs } from './PlanTabs'

/** PlansPage is what users may have, what that costs, and how many seats are left. */
export default function PlansPage() {
  const t = useTexts()
  const p = t.plans
  const nameOf = (x: Plan) => x.name || x.id
  return (
    <PlanTabs at="/plans">
      <ListPage all={plans} texts={p} icon={IconStack2} csv nameOf={nameOf} lead={<Text size="sm" c="dimmed" maw={720}>{p.lead}</Text>}
        filters={[{ name: 'name~', label: p.fields.name!, placeholder: p.search }]}
        columns={[
          { id: 'name', sort: 'name', label: p.fields.name!, cell: nameOf },
          { id: 'price', sort: 'price', label: p.fields.price!, cell: (x) => priceOf(x.price, x.currency) },
          { id: 'seats', sort: 'seats_used', label: p.fields.seats!, cell: (x) => <Seats plan={x} /> },
          { id: 'includes', label: p.includes, cell: (x) => <Text size="sm" maw={460} style={{ whiteSpace: 'normal' }}>{[...included(x).map((f) => p.features[f] ?? f), p.directNumbers(x.includes?.direct_numbers ?? 0)].join(', ')}</Text>, wide: true },
        ]}
        form={(x, close) => (
          <EditDrawer all={plans} {...(x && { record: x })} title={x ? p.edit(nameOf(x)) : p.add} draft={draftOf} input={inputOf} onClose={close} size="md"
            validate={(d) => ({ name: d.name.trim() ? null : t.errors.missing })}>
            {(form) => (
              <>
                <TextInput label={p.fields.name} required data-autofocus {...form.getInputProps('name')} />
                <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                  <TextInput label={p.fields.price} description={p.priceHint} inputMode="decimal" {...form.getInputProps('price')} />
                  <TextInput label={p.fields.currency} description={p.currencyHint} maxLength={3} {...form.getInputProps('currency')} />
                  <NumberInput label={p.fields.seats} description={p.seatsHint} min={0} max={1_000_000} allowDecimal={false} {...form.getInputProps('seats')} />
                  <NumberInput label={p.fields['includes.direct_numbers']} description={p.directNumbersHint} min={0} max={1000} allowDecimal={false} {...form.getInputProps('includes.direct_numbers')} />
                </SimpleGrid>
                <Fieldset legend={p.includes}>
                  <Stack gap="sm">
                    {Object.entries(p.features).map(([name, label]) => <Switch key={name} label={label} description={later.includes(name) ? t.common.notInEffect : undefined} {...form.getInputProps(`includes.${name}`, { type: 'checkbox' })} />)}
                    <Text size="xs" c="dimmed">{p.lessHint}</Text>
                  </Stack>
                </Fieldset>
              </>
            )}
          </EditDrawer>
        )}
        remove={(x, close) => <DeleteDialog title={p.removeTitle(nameOf(x))} means={p.removeMeans} done={p.removed(nameOf(x))} remove={() => plans.remove(x.id)} onClose={close} />}
      />
    </PlanTabs>
  )
}

/** Seats says how many are taken, and draws it where there is a limit. */
function Seats({ plan }: { plan: Plan }) {
  const p = useTexts().plans
  const { seats = 0, seats_used: used = 0 } = plan
  const words = seats === 0 ? p.unlimited(used) : p.used(used, seats - used)
  return (
    <Stack gap={3} miw={140}>
      <Text size="sm">{words}</Text>
      {seats > 0 && <Progress value={(100 * used) / seats} color={used >= seats ? 'red' : 'teal'} size="sm" maw={160} aria-label={words} />}
    </Stack>
  )
}
