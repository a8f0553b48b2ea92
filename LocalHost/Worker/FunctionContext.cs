namespace Microsoft.Azure.Functions.Worker;

/// <summary>One invocation of a function.</summary>
public abstract class FunctionContext
{
    /// <summary>Identifies the invocation.</summary>
    public abstract string InvocationId { get; }

    /// <summary>Identifies the function, stable across invocations.</summary>
    public abstract string FunctionId { get; }

    /// <summary>The distributed trace that the invocation belongs to.</summary>
    public abstract TraceContext TraceContext { get; }

    /// <summary>What the trigger says besides its main value.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary>Retries by the platform; null when there are none.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The invocation's scope of services.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>The function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>A place for values that live as long as the invocation.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Typed values that live as long as the invocation.</summary>
    public abstract IInvocationFeatures Features { get; }

    /// <summary>Cancelled when the host stops or the caller goes away.</summary>
    public virtual CancellationToken CancellationToken { get; }
}

/// <summary>A distributed trace in the terms of W3C Trace Context.</summary>
public abstract class TraceContext
{
    /// <summary>The <c>traceparent</c> value; empty when there is no trace.</summary>
    public abstract string TraceParent { get; }

    /// <summary>The <c>tracestate</c> value; empty when there is none.</summary>
    public abstract string TraceState { get; }

    /// <summary>Attributes that the platform adds.</summary>
    public virtual IReadOnlyDictionary<string, string> Attributes { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Baggage of the trace.</summary>
    public virtual IReadOnlyDictionary<string, string> Baggage { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>What the trigger says besides its main value.</summary>
public abstract class BindingContext
{
    /// <summary>The values by name, for HTTP those of the route and the query.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}

/// <summary>Retries by the platform.</summary>
public abstract class RetryContext
{
    /// <summary>How many retries came before this one.</summary>
    public abstract int RetryCount { get; }

    /// <summary>How many retries there will be at most.</summary>
    public abstract int MaxRetryCount { get; }
}

/// <summary>Typed values that live as long as an invocation.</summary>
public interface IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
{
    /// <summary>Stores a value under its type.</summary>
    /// <typeparam name="T">The type to find it by.</typeparam>
    /// <param name="instance">The value.</param>
    void Set<T>(T instance);

    /// <summary>The value of that type, or null.</summary>
    /// <typeparam name="T">The type it was stored under.</typeparam>
    T? Get<T>();
}
