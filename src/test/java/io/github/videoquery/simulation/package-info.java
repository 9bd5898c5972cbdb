/**
 * A provider that behaves like the real one, on its good days and its bad ones: whole task lives,
 * every error shape, broken connections. The tests ask it, the demo runs on it, and {@link
 * io.github.videoquery.simulation.SimulatedProvider#main} starts it alone.
 */
@NullMarked
package io.github.videoquery.simulation;

import org.jspecify.annotations.NullMarked;
