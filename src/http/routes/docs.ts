import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { pagePolicy } from '../security-headers.ts';

const DESCRIPTION = 'Badges and learning goals in the format of v1 of the service. New clients should use GraphQL.';

/** Same origin only; Swagger UI sets styles inline. */
const CONTENT_SECURITY_POLICY = pagePolicy(
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
);

/** Adds `/openapi.json`, generated from the route schemas, and `/docs`, which renders it with its own assets. */
export async function addDocs(http: FastifyInstance): Promise<void> {
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'user-service',
        description: DESCRIPTION,
        version: '2.0.0',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
  });
  await http.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CONTENT_SECURITY_POLICY,
    theme: {
      title: 'user-service: REST',
      css: [{ filename: 'theme.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  });
  http.get('/openapi.json', { schema: { hide: true } }, async () => http.swagger());
}
