/** The fields of an object by the names of their members in a REST body, in the order of the members. */
type Members = Readonly<Record<string, string>>;

/** Returns the members that fields have in a body. */
export function toMembers<Table extends Members, Fields extends Readonly<Record<Table[keyof Table], unknown>>>(
  table: Table,
  fields: Fields,
) {
  const body: Record<string, unknown> = {};
  for (const member in table) body[member] = fields[table[member] as keyof Fields];
  return body as { [Member in keyof Table]: Fields[Table[Member]] };
}

/** Returns the fields of the members that a body has. Members that the table does not have are left out. */
export function toFields<Table extends Members, Body extends object>(table: Table, body: Body) {
  const members = Object.entries(body).filter(([member]) => Object.hasOwn(table, member));
  const fields = Object.fromEntries(members.map(([member, value]) => [table[member], value]));
  return fields as { [Member in keyof Body as Member extends keyof Table ? Table[Member] : never]: Body[Member] };
}
