using System.Collections;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.LocalHost;

/// <summary>One invocation.</summary>
internal sealed class LocalFunctionContext(LocalFunction function, IServiceProvider services, HttpContext? http, CancellationToken cancellation)
    : FunctionContext
{
    /// <summary>Where the request is kept in <see cref="Items"/>; the same key as in the real worker.</summary>
    public const string HttpContextKey = "HttpRequestContext";

    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => function.Definition.Id;

    public override TraceContext TraceContext { get; } = new CurrentTrace(http);

    public override BindingContext BindingContext { get; } = new RequestValues(http);

    public override RetryContext RetryContext => null!;

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override FunctionDefinition FunctionDefinition => function.Definition;

    public override IDictionary<object, object> Items { get; set; } =
        http is null ? new Dictionary<object, object>() : new Dictionary<object, object> { [HttpContextKey] = http };

    public override IInvocationFeatures Features { get; } = new FeatureTable();

    public override CancellationToken CancellationToken => cancellation;

    private sealed class CurrentTrace(HttpContext? http) : TraceContext
    {
        // In the real worker it is the host's span. Here nothing that anybody records stands between the caller and the function.
        public override string TraceParent { get; } = http?.Request.Headers.TraceParent.ToString() is { Length: > 0 } caller
            ? caller
            : Activity.Current?.Id ?? "";

        public override string TraceState { get; } = http?.Request.Headers.TraceState.ToString() ?? "";
    }

    private sealed class RequestValues(HttpContext? http) : BindingContext
    {
        private readonly Lazy<IReadOnlyDictionary<string, object?>> _values = new(() => Collect(http));

        public override IReadOnlyDictionary<string, object?> BindingData => _values.Value;

        private static Dictionary<string, object?> Collect(HttpContext? http)
        {
            var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in http?.Request.Query ?? (IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>>)[])
            {
                values[name] = value.ToString();
            }

            foreach (var (name, value) in http?.Request.RouteValues ?? [])
            {
                values[name] = value;
            }

            return values;
        }
    }

    private sealed class FeatureTable : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> _features = [];

        public void Set<T>(T instance) => _features[typeof(T)] = instance!;

        public T? Get<T>() => _features.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
