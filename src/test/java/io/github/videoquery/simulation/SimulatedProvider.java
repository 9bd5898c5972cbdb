package io.github.videoquery.simulation;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * The provider's endpoint on 127.0.0.1, with its calls counted per task and per key. {@code POST
 * /v1/video/create} begins a task, whatever its body says.
 */
public final class SimulatedProvider implements AutoCloseable {
  private static final int KEPT_CALLS = 10_000;

  private final InstantSource clock;
  private final double speed;
  private final DisposableServer server;
  private final ConcurrentMap<String, Supplier<Behaviour>> scripts = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Behaviour> refusedKeys = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, AtomicInteger> callsByTask = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, AtomicInteger> callsByKey = new ConcurrentHashMap<>();
  private final AtomicInteger created = new AtomicInteger();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private volatile @Nullable Behaviour everyCall;

  /** What arrived: the request target as sent, and the headers by lower-case name. */
  public record Call(Instant at, String target, Map<String, String> headers) {}

  private SimulatedProvider(int port, InstantSource clock, double speed) {
    this.clock = clock;
    this.speed = speed;
    this.server =
        TcpServer.create()
            .host("127.0.0.1")
            .port(port)
            .doOnConnection(connection -> connection.addHandlerLast(new HttpRequestDecoder()))
            .handle(
                (in, out) ->
                    in.receiveObject()
                        .ofType(HttpRequest.class)
                        .doOnNext(
                            request ->
                                in.withConnection(
                                    connection -> behaviour(request).answer(connection.channel())))
                        .then())
            .bindNow();
  }

  /**
   * @param port 0 takes a free one
   * @param speed how many times faster than the clock tasks live
   */
  public static SimulatedProvider start(int port, InstantSource clock, double speed) {
    return new SimulatedProvider(port, clock, speed);
  }

  /** On the real clock, at real speed, on a free port. */
  public static SimulatedProvider start() {
    return start(0, InstantSource.system(), 1);
  }

  public int port() {
    return server.port();
  }

  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** From now on this task is answered so. */
  public void answer(String id, Behaviour behaviour) {
    scripts.put(id, () -> behaviour);
  }

  /** From now on this task's calls, counted from 1, are answered so; the last behaviour stays. */
  public void answerInTurn(String id, Behaviour... behaviours) {
    AtomicInteger turn = new AtomicInteger();
    scripts.put(id, () -> behaviours[Math.min(turn.getAndIncrement(), behaviours.length - 1)]);
  }

  /** From now on every call is answered so; null ends it. */
  public void answerEverything(@Nullable Behaviour behaviour) {
    everyCall = behaviour;
  }

  /** From now on calls with this key are answered so; null accepts it again. */
  public void answerKey(String key, @Nullable Behaviour behaviour) {
    if (behaviour == null) {
      refusedKeys.remove(key);
    } else {
      refusedKeys.put(key, behaviour);
    }
  }

  public int calls(String id) {
    AtomicInteger count = callsByTask.get(id);
    return count == null ? 0 : count.get();
  }

  public int callsWithKey(String key) {
    AtomicInteger count = callsByKey.get(key);
    return count == null ? 0 : count.get();
  }

  /** All calls so far, in the order they came; at most the first {@value #KEPT_CALLS}. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  private Behaviour behaviour(HttpRequest request) {
    var target = new QueryStringDecoder(request.uri());
    if (target.path().equals("/calls")) {
      return Behaviour.respond(200, "text/plain", report());
    }
    boolean isCreation =
        target.path().equals("/v1/video/create") && request.method().equals(HttpMethod.POST);
    if (!isCreation && !target.path().equals("/v1/video/query")) {
      return Behaviour.respond(404, "text/html", "<html>not here</html>");
    }
    String id =
        isCreation
            ? "veo3.1-fast:%d-made%06d"
                .formatted(clock.instant().getEpochSecond(), created.incrementAndGet())
            : target.parameters().getOrDefault("id", List.of("")).getFirst();
    String authorization = request.headers().get("Authorization", "");
    String key = authorization.replaceFirst("^Bearer ", "");
    count(callsByTask, id);
    count(callsByKey, key);
    if (calls.size() < KEPT_CALLS) {
      calls.add(new Call(clock.instant(), request.uri(), headers(request)));
    }
    if (everyCall != null) {
      return everyCall;
    }
    if (key.isEmpty()) {
      return Behaviour.error(401, "no token given", "new_api_error", "");
    }
    Behaviour refusal = refusedKeys.get(key);
    if (refusal != null) {
      return refusal;
    }
    Supplier<Behaviour> script = scripts.get(id);
    return script != null ? script.get() : byName(id);
  }

  private Behaviour byName(String id) {
    if (id.startsWith("sim:")) {
      Behaviour fault = Faults.BY_NAME.get(id.substring("sim:".length()));
      return fault != null ? fault : Behaviour.json(400, Faults.noSuchTask());
    }
    SimulatedTask task = SimulatedTask.of(id);
    return task.exists()
        ? Behaviour.json(task.json(clock.instant(), speed))
        : Behaviour.json(400, Faults.noSuchTask());
  }

  private static void count(ConcurrentMap<String, AtomicInteger> counters, String name) {
    counters.computeIfAbsent(name, any -> new AtomicInteger()).incrementAndGet();
  }

  private static Map<String, String> headers(HttpRequest request) {
    return request.headers().entries().stream()
        .collect(
            Collectors.toMap(
                header -> header.getKey().toLowerCase(Locale.ROOT),
                Map.Entry::getValue,
                (first, second) -> first + ", " + second));
  }

  private String report() {
    return callsByTask.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey() + "\n")
        .sorted()
        .collect(Collectors.joining());
  }

  @Override
  public void close() {
    server.disposeNow();
  }

  /** Starts the simulation alone: {@code [port] [speed]}, by default 9090 and 5. */
  public static void main(String[] args) {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 9090;
    double speed = args.length > 1 ? Double.parseDouble(args[1]) : 5;
    try (SimulatedProvider provider = start(port, InstantSource.system(), speed)) {
      Set<String> faults = Faults.BY_NAME.keySet();
      System.out.printf(
          "Simulated provider at %s, tasks live %.0f times as fast.%nTasks: <model>:<unix"
              + " seconds>-<10 characters>; calls so far: GET /calls; bad days: sim:<name>, one"
              + " of%n%s%n",
          provider.baseUrl(), speed, faults);
      provider.server.onDispose().block();
    }
  }
}
