// Package phone is the worker's face: pages for a telephone that also work on
// a wide screen, without script and on a slow network.
//
// Nouns: the home page, the finder, a vacancy, an application seen as a case
// with its timeline, a message, the worker's own profile and the uses made of
// his data.
//
// Invariants: looking for work needs no sign-in; applying does, and signing in
// comes back to where the worker was; what the house knows is not asked again;
// a worker sees his own applications only, whatever other rights he has; a
// button is shown only for a step that is legal now. A page holds no rule of its
// own: use cases are in measure/employment, states in its flow.
package phone
