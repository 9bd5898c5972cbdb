package io.github.videoquery.cache;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.redis.RedisConnectionFailureException;

/**
 * What went wrong with an operation on Redis.
 *
 * @param kind whom it concerns
 * @param cause the rest of the sentence "Redis …", with what to do, and without a secret
 */
record RedisFault(Kind kind, String cause) {
  enum Kind {
    /** No answer in time. */
    LATE,
    /** No connection, or one that broke. */
    CONNECTION,
    /** An error reply that any key would get from this node. */
    NODE,
    /** An error reply about one slot of a cluster: its keys cannot be shared. */
    SLOT,
    /** An error reply about one key, or one that passes. */
    KEY
  }

  static final RedisFault LATE = new RedisFault(Kind.LATE, "answers too late");

  /** It says nothing: the cause is likely to follow. */
  static final RedisFault BROKEN = connection("has broken the connection");

  /** The connection is to a replica: the node that was the primary has another role now. */
  static final String READ_ONLY = "READONLY";

  /** Up to Redis 6 the reply to a script holds the error inside. */
  private static final Pattern SCRIPT_ERROR =
      Pattern.compile("^ERR Error running script.* -([A-Z]{2,})\\b");

  /** The first words of error replies. */
  private static final Map<String, RedisFault> REPLIES =
      Map.ofEntries(
          node(READ_ONLY, "is a read-only replica; the gateway connects anew"),
          node("LOADING", "is loading its data; this ends by itself"),
          node("MASTERDOWN", "is a replica without its primary; this ends by itself"),
          node("NOPERM", "does not permit its user a command or a key: see docs/operating.md"),
          node("NOAUTH", "asks for a password: set spring.data.redis.password"),
          node("WRONGPASS", "refuses the user or the password: check spring.data.redis.password"),
          node("OOM", "is full: give it the policy allkeys-lru, or more memory"),
          node("MISCONF", "cannot save its data and refuses to write: look at its log"),
          node("NOREPLICAS", "has too few replicas to write: look at its log"),
          key("WRONGTYPE", "holds a value of another program below our prefix: change key-prefix"),
          slot("CLUSTERDOWN", "has slots of its cluster that no node serves"),
          key("MOVED", "moves a slot of its cluster"),
          key("ASK", "moves a slot of its cluster"),
          key("TRYAGAIN", "moves a slot of its cluster"));

  private static Map.Entry<String, RedisFault> node(String code, String cause) {
    return Map.entry(code, new RedisFault(Kind.NODE, cause + " (" + code + ')'));
  }

  private static Map.Entry<String, RedisFault> slot(String code, String cause) {
    return Map.entry(code, new RedisFault(Kind.SLOT, cause + " (" + code + ')'));
  }

  private static Map.Entry<String, RedisFault> key(String code, String cause) {
    return Map.entry(code, new RedisFault(Kind.KEY, cause + " (" + code + ')'));
  }

  /** The first cause that says something, from outside; a broken connection if none does. */
  static RedisFault of(Throwable error) {
    List<Throwable> chain = chain(error);
    RedisFault fault =
        chain.stream().flatMap(cause -> Stream.ofNullable(one(cause))).findFirst().orElse(BROKEN);
    boolean isConnecting =
        chain.stream().anyMatch(cause -> cause instanceof RedisConnectionFailureException);
    return isConnecting && fault.kind != Kind.LATE ? connection(fault.cause) : fault;
  }

  private static @Nullable RedisFault one(Throwable cause) {
    return switch (cause) {
      case RedisCommandExecutionException reply -> reply(String.valueOf(reply.getMessage()));
      case TimeoutException _, RedisCommandTimeoutException _, QueryTimeoutException _ -> LATE;
      case ConnectException _ ->
          connection("cannot be connected to: check its host, port and network");
      case UnknownHostException _, UnresolvedAddressException _ ->
          connection("has a name without an address: check spring.data.redis.host");
      case SSLException _, CertificateException _ ->
          connection("fails at TLS: check spring.data.redis.ssl.*");
      default -> null;
    };
  }

  private static RedisFault connection(String cause) {
    return new RedisFault(Kind.CONNECTION, cause);
  }

  private static List<Throwable> chain(Throwable error) {
    return Stream.iterate(error, Objects::nonNull, Throwable::getCause)
        .limit(20)
        .flatMap(cause -> Stream.concat(Stream.of(cause), Stream.of(cause.getSuppressed())))
        .toList();
  }

  private static RedisFault reply(String text) {
    Matcher inScript = SCRIPT_ERROR.matcher(text);
    String code =
        inScript.find() ? inScript.group(1) : text.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    return REPLIES.getOrDefault(
        code, new RedisFault(Kind.NODE, "answers with the error " + code.replaceAll("\\W.*", "")));
  }

  boolean isReadOnly() {
    return this.equals(REPLIES.get(READ_ONLY));
  }
}
