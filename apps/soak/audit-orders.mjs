/** Orders: recorded once, and as the shop has them now. */

const has = (time) => time !== null;
const sameMoment = (shops, ours) => new Date(shops).getTime() === ours?.getTime();

/** Pairs that differ, as words. */
const differing = (pairs) => pairs.filter(([, shops, ours]) => shops !== ours).map(([what, shops, ours]) => `${what} ${ours} instead of ${shops}`);

export const orderRules = [
  {
    kind: 'lost',
    name: 'every order of the shop is recorded',
    find: ({ shop, placed, orderRow, rows }) => {
      const mirrored = new Set(rows.headers.map(({ shopify_id: id }) => id));
      const there = new Set(shop.map(({ id }) => id));
      return [
        ...[...placed.values()].filter(({ id }) => !there.has(id)).map(({ name }) => `${name} is not even in the shop`),
        ...shop.filter(({ id }) => !orderRow.has(id)).map(({ name }) => `${name} is not recorded`),
        ...shop.filter(({ id }) => !mirrored.has(id)).map(({ name }) => `${name} is not mirrored`),
      ];
    },
  },
  {
    kind: 'doubled',
    name: 'no order is recorded twice, or without being in the shop',
    find: ({ shop, rows }) => {
      const there = new Set(shop.map(({ id }) => id));
      const seen = new Set();
      return rows.orders.flatMap(({ shopify_id: id, name }) => {
        const problem = seen.has(id) ? [`${name} twice`] : there.has(id) ? [] : [`${name} is not in the shop`];
        seen.add(id);
        return problem;
      });
    },
  },
  {
    kind: 'wrong',
    name: 'orders are paid, cancelled and fulfilled as in the shop',
    find: ({ expected, orderRow }) => [...expected].flatMap(([id, { name, paid, cancelled, lines }]) => {
      const row = orderRow.get(id);
      if (!row) return [];
      const due = lines.some((line) => line.due > 0);
      return differing([
        ['paid', paid, has(row.paid_at)],
        ['cancelled', cancelled, has(row.cancelled_at)],
        // Units that all were taken back before anything was shipped leave nothing to fulfill.
        ...(due ? [['fulfilled', true, has(row.fulfilled_at)]] : []),
      ]).map((words) => `${name}: ${words}`);
    }),
  },
  {
    kind: 'stuck',
    name: 'production has come to its end',
    find: ({ expected, orderRow }) => [...expected].flatMap(([id, { name, paid, cancelled }]) => {
      const row = orderRow.get(id);
      const wanted = cancelled ? 'CANCELLED' : paid ? 'COMPLETED' : 'PENDING';
      if (!row || row.production_status === wanted) return [];
      return [`${name} is ${row.production_status} instead of ${wanted} (prints ${row.prints_completed} of ${row.prints_wanted})`];
    }),
  },
  {
    kind: 'wrong',
    name: 'the mirror shows what the shop shows',
    find: ({ shop, rows }) => {
      const headers = new Map(rows.headers.map((row) => [row.shopify_id, row]));
      const quantities = new Map(rows.headerLines.map((row) => [`${row.order_header_id}/${row.shopify_id}`, row.current_quantity]));
      return shop.flatMap((order) => {
        const header = headers.get(order.id);
        if (!header) return [];
        return [
          ...(sameMoment(order.updated_at, header.updated_at) ? [] : [`is of ${header.updated_at.toISOString()}, the shop's of ${order.updated_at}`]),
          ...differing([
            ['payment', order.display_financial_status, header.financial_status?.toUpperCase()],
            ['cancelled', has(order.cancelled_at), has(header.cancelled_at)],
            ...order.lines.map((line) => [`units of ${line.sku}`, line.current_quantity, quantities.get(`${header.id}/${line.id}`)]),
          ]),
        ].map((words) => `${order.name}: ${words}`);
      });
    },
  },
];
