namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a public method as a function.</summary>
/// <param name="name">The function's name, unique in the app regardless of case.</param>
[AttributeUsage(AttributeTargets.Method)]
public class FunctionAttribute(string name) : Attribute
{
    /// <summary>The function's name.</summary>
    public string Name { get; } = name;
}

/// <summary>Marks the parameter that carries the HTTP request, and says which requests start the function.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute : Attribute
{
    /// <summary>Any method, a function key.</summary>
    public HttpTriggerAttribute()
        : this(AuthorizationLevel.Function)
    {
    }

    /// <summary>The given methods, a function key.</summary>
    /// <param name="methods">HTTP methods in any case; none means any.</param>
    public HttpTriggerAttribute(params string[] methods)
        : this(AuthorizationLevel.Function, methods)
    {
    }

    /// <summary>Any method, the given key.</summary>
    /// <param name="authLevel">Which key the platform asks for.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel)
    {
        AuthLevel = authLevel;
    }

    /// <summary>The given methods, the given key.</summary>
    /// <param name="authLevel">Which key the platform asks for.</param>
    /// <param name="methods">HTTP methods in any case; none means any.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>The route template; null means the function's name.</summary>
    public string? Route { get; set; }

    /// <summary>The HTTP methods; null or empty means any.</summary>
    public string[]? Methods { get; }

    /// <summary>Which key the platform asks for. This host has no keys and asks for none, as Azure's tools do on a desk.</summary>
    public AuthorizationLevel AuthLevel { get; }
}

/// <summary>Which platform key a request has to carry.</summary>
public enum AuthorizationLevel
{
    /// <summary>None.</summary>
    Anonymous = 0,

    /// <summary>A signed-in user.</summary>
    User = 1,

    /// <summary>A key of the function.</summary>
    Function = 2,

    /// <summary>A key of the host's extensions.</summary>
    System = 3,

    /// <summary>The master key.</summary>
    Admin = 4,
}

/// <summary>Marks the parameter that carries a timer's <see cref="TimerInfo"/>, and says when the function runs.</summary>
/// <param name="schedule">An NCRONTAB expression with six fields, the first being seconds, in UTC; or <c>%Name%</c> for a setting.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    /// <summary>The schedule as written.</summary>
    public string Schedule { get; } = schedule;

    /// <summary>Whether the platform remembers runs across restarts. This host remembers nothing.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether the function also runs when the host starts.</summary>
    public bool RunOnStartup { get; set; }
}
