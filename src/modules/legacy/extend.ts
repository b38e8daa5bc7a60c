/**
 * `Model.extend(prototypeProperties, staticProperties)`: how services made subclasses before JavaScript had classes. Both ways may be
 * mixed: what is extended may be a class, and what comes out may be extended by one.
 */

export type Constructor = (new (...values: never[]) => object) & Record<string, unknown>;

export function extend(this: Constructor, prototypeProperties: object = {}, staticProperties: object = {}): Constructor {
  const parent = this as unknown as (...values: unknown[]) => unknown;
  const child = Object.hasOwn(prototypeProperties, 'constructor')
    ? (prototypeProperties.constructor as unknown as Constructor)
    : (function (this: unknown, ...values: unknown[]): unknown {
        return new.target === undefined ? parent.apply(this, values) : (Reflect.construct(parent, values, new.target) as unknown);
      } as unknown as Constructor);
  for (const name of Object.keys(parent)) (child as Record<string, unknown>)[name] = (this as Record<string, unknown>)[name];
  Object.assign(child, staticProperties);
  const prototype = Object.create(this.prototype as object) as object;
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(prototypeProperties));
  Object.defineProperty(prototype, 'constructor', { value: child, writable: true, configurable: true });
  Object.defineProperty(child, 'prototype', { value: prototype, writable: true });
  return child;
}
