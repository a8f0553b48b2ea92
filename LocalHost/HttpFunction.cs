using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.LocalHost;

/// <summary>A function that answers HTTP requests.</summary>
internal sealed class HttpFunction : LocalFunction
{
    /// <summary>The types that a route value can be turned into.</summary>
    private static readonly Dictionary<Type, Func<string, object>> Converters = new()
    {
        [typeof(string)] = text => text,
        [typeof(int)] = text => int.Parse(text, CultureInfo.InvariantCulture),
        [typeof(long)] = text => long.Parse(text, CultureInfo.InvariantCulture),
        [typeof(Guid)] = text => Guid.Parse(text, CultureInfo.InvariantCulture),
        [typeof(bool)] = text => bool.Parse(text),
    };

    /// <exception cref="FunctionRefusedException">This host can't serve the method.</exception>
    public HttpFunction(string name, MethodInfo method, ParameterInfo trigger, HttpTriggerAttribute mark)
        : this(name, method, trigger, mark, Parse(mark.Route ?? name))
    {
    }

    private HttpFunction(string name, MethodInfo method, ParameterInfo trigger, HttpTriggerAttribute mark, RoutePattern route)
        : base(
            new LocalFunctionDefinition(name, method, trigger, "httpTrigger"),
            method,
            parameter => Bind(parameter, trigger, route),
            returnsResults: true)
    {
        Route = route;
        Methods = [.. mark.Methods?.Select(verb => verb.ToUpperInvariant()) ?? []];
    }

    public RoutePattern Route { get; }

    /// <summary>The methods in capitals; empty means any.</summary>
    public IReadOnlyList<string> Methods { get; }

    private static RoutePattern Parse(string template)
    {
        try
        {
            return RoutePatternFactory.Parse(template);
        }
        catch (RoutePatternException e)
        {
            throw new FunctionRefusedException($"route '{template}': {e.Message}");
        }
    }

    private static ArgumentSource Bind(ParameterInfo parameter, ParameterInfo trigger, RoutePattern route)
    {
        if (BindCommon(parameter) is { } common)
        {
            return common;
        }

        var type = parameter.ParameterType;
        if (type == typeof(HttpRequest))
        {
            return invocation => invocation.Http!.Request;
        }

        if (type == typeof(HttpContext))
        {
            return invocation => invocation.Http!;
        }

        if (parameter.Position == trigger.Position)
        {
            throw Unbindable(parameter, "HttpRequest or HttpContext");
        }

        if (route.GetParameter(parameter.Name!) is { } value)
        {
            return BindRouteValue(parameter, value);
        }

        if (type == typeof(string))
        {
            var missing = parameter.HasDefaultValue ? parameter.DefaultValue : null;
            return invocation => invocation.Http!.Request.Query.TryGetValue(parameter.Name!, out var text) ? text.ToString() : missing;
        }

        throw Unbindable(parameter, "HttpRequest, HttpContext, FunctionContext, CancellationToken, a value of the route, or a string");
    }

    private static ArgumentSource BindRouteValue(ParameterInfo parameter, RoutePatternParameterPart value)
    {
        var type = parameter.ParameterType;
        if (!Converters.TryGetValue(Nullable.GetUnderlyingType(type) ?? type, out var convert))
        {
            throw Unbindable(parameter, "string, int, long, Guid or bool");
        }

        Refuse(
            value.IsOptional && type.IsValueType && Nullable.GetUnderlyingType(type) is null && !parameter.HasDefaultValue,
            $"parameter '{parameter.Name}' is optional in the route, so it has to be nullable or have a default value.");
        var missing = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        return invocation => invocation.Http!.GetRouteValue(value.Name)?.ToString() is { } text ? convert(text) : missing;
    }
}
