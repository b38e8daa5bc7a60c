/** `require('@arangodb/is')`: small questions about values. */
import { types } from 'node:util';

export const existy = (value: unknown): boolean => value !== null && value !== undefined;
export const notExisty = (value: unknown): boolean => !existy(value);
export const truthy = (value: unknown): boolean => value !== false && existy(value);
export const falsy = (value: unknown): boolean => !truthy(value);
export const object = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]';
export const noObject = (value: unknown): boolean => !object(value);
export const array = (value: unknown): boolean => Array.isArray(value);
export const noArray = (value: unknown): boolean => !array(value);
export const string = (value: unknown): boolean => typeof value === 'string' || types.isStringObject(value);
export const noString = (value: unknown): boolean => !string(value);
export const number = (value: unknown): boolean => typeof value === 'number' || types.isNumberObject(value);
export const noNumber = (value: unknown): boolean => !number(value);
export const boolean = (value: unknown): boolean => typeof value === 'boolean' || types.isBooleanObject(value);
export const noBoolean = (value: unknown): boolean => !boolean(value);
export const func = (value: unknown): boolean => typeof value === 'function';
export const noFunction = (value: unknown): boolean => !func(value);
export { func as function };
