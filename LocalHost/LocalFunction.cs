using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.LocalHost;

/// <summary>A function ready to be called: a method, where its arguments come from, and what to do with its result.</summary>
internal abstract partial class LocalFunction
{
    private readonly MethodInfo _method;
    private readonly Type? _class;
    private readonly Func<object?, ValueTask<object?>> _completion;
    private readonly ArgumentSource[] _arguments;

    /// <exception cref="FunctionRefusedException">This host can't bind a parameter or use the result.</exception>
    private protected LocalFunction(
        LocalFunctionDefinition definition, MethodInfo method, Func<ParameterInfo, ArgumentSource> bind, bool returnsResults)
    {
        Definition = definition;
        _method = method;
        _arguments = [.. method.GetParameters().Select(bind)];
        _completion = FunctionResult.CompletionOf(method.ReturnType, returnsResults);
        _class = method.IsStatic ? null : method.DeclaringType;
    }

    public LocalFunctionDefinition Definition { get; }

    /// <exception cref="FunctionRefusedException">This host can't run the method.</exception>
    public static LocalFunction Describe(string name, MethodInfo method, IConfiguration configuration)
    {
        Refuse(!ValidName().IsMatch(name), "a name is a letter, then up to 127 letters, digits, '-' or '_'.");
        Refuse(!method.IsPublic, "the method isn't public.");
        Refuse(method.ContainsGenericParameters, "the method or its class is generic.");
        Refuse(method.DeclaringType!.IsAbstract && !method.IsStatic, "the class is abstract.");
        Refuse(
            method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)),
            "it is 'async void', whose end no host can see; return Task.");

        var triggers = method.GetParameters().SelectMany(
            parameter => parameter.GetCustomAttributes().Where(mark => mark is HttpTriggerAttribute or TimerTriggerAttribute),
            (parameter, mark) => (parameter, mark)).ToList();
        Refuse(triggers.Count != 1, $"it has {triggers.Count} triggers; exactly one parameter carries [HttpTrigger] or [TimerTrigger].");
        return triggers[0] switch
        {
            (var parameter, HttpTriggerAttribute mark) => new HttpFunction(name, method, parameter, mark),
            (var parameter, TimerTriggerAttribute mark) => new TimerFunction(name, method, parameter, mark, configuration),
            _ => throw new FunctionRefusedException("its trigger is unknown."),
        };
    }

    /// <summary>Calls the method on an instance of its own and waits for its end.</summary>
    /// <returns>The method's result; null when it has none.</returns>
    public async Task<object?> InvokeAsync(Invocation invocation)
    {
        // Not by a factory compiled per class: at the start those cost more time and memory than all calls save.
        var instance = _class is null ? null : ActivatorUtilities.CreateInstance(invocation.Context.InstanceServices, _class);
        try
        {
            var arguments = Array.ConvertAll(_arguments, source => source(invocation));
            return await _completion(_method.Invoke(instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null));
        }
        finally
        {
            if (instance is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (instance as IDisposable)?.Dispose();
            }
        }
    }

    private protected static void Refuse(bool condition, string reason)
    {
        if (condition)
        {
            throw new FunctionRefusedException(reason);
        }
    }

    /// <summary>The arguments that any function may take.</summary>
    private protected static ArgumentSource? BindCommon(ParameterInfo parameter)
    {
        Refuse(parameter.ParameterType.IsByRef, $"parameter '{parameter.Name}' is passed by reference.");
        return parameter.ParameterType switch
        {
            var type when type == typeof(FunctionContext) => invocation => invocation.Context,
            var type when type == typeof(CancellationToken) => invocation => invocation.Context.CancellationToken,
            _ => null,
        };
    }

    private protected static FunctionRefusedException Unbindable(ParameterInfo parameter, string accepted) =>
        new($"parameter '{parameter.Name}' of type {parameter.ParameterType} can't be bound; it can be {accepted}.");

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,127}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValidName();
}

/// <summary>What the arguments of one call are taken from.</summary>
internal sealed record Invocation(FunctionContext Context, HttpContext? Http, TimerInfo? Timer);

/// <summary>Gives the value of one parameter.</summary>
internal delegate object? ArgumentSource(Invocation invocation);
