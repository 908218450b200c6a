import { z } from 'zod';

export const histogram = z
  .strictObject({
    /** bins + 1 edges, ascending. */
    edges: z.array(z.number()),
    /** Share of members per bin. */
    members: z.array(z.number()),
    nonMembers: z.array(z.number()),
  })
  .meta({ id: 'Histogram' });
