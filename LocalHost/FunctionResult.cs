using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;

namespace CasFunctions.LocalHost;

/// <summary>Waits for what a function returns, and writes it to the response.</summary>
internal static class FunctionResult
{
    /// <summary>How to wait for a value of the method's return type.</summary>
    /// <param name="type">The return type.</param>
    /// <param name="results">Whether results are welcome, besides nothing.</param>
    /// <exception cref="FunctionRefusedException">The type is none that this host can use.</exception>
    public static Func<object?, ValueTask<object?>> CompletionOf(Type type, bool results)
    {
        if (type == typeof(void))
        {
            return _ => default;
        }

        if (type == typeof(Task))
        {
            return AwaitTaskAsync;
        }

        if (type == typeof(ValueTask))
        {
            return AwaitValueTaskAsync;
        }

        if (results && IsResult(type))
        {
            return ValueTask.FromResult;
        }

        if (results && type.IsGenericType && IsResult(type.GetGenericArguments()[0]))
        {
            var definition = type.GetGenericTypeDefinition();
            if (definition == typeof(Task<>))
            {
                return Completion(nameof(AwaitTaskOfAsync), type);
            }

            if (definition == typeof(ValueTask<>))
            {
                return Completion(nameof(AwaitValueTaskOfAsync), type);
            }
        }

        var accepted = results
            ? "void, Task, ValueTask, IResult, IActionResult, or Task<T> or ValueTask<T> of the last two"
            : "void, Task or ValueTask";
        throw new FunctionRefusedException($"it returns {type}, which this host can't use; return {accepted}.");
    }

    /// <summary>Writes a function's result; nothing when there is none.</summary>
    public static Task WriteAsync(object? result, HttpContext http) => result switch
    {
        null => Task.CompletedTask,
        IResult minimal => minimal.ExecuteAsync(http),
        IActionResult action => action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor())),
        _ => throw new InvalidOperationException($"A result of type {result.GetType()} can't be written."),
    };

    /// <summary>Whether a method with this return type can return an <see cref="IActionResult"/>.</summary>
    public static bool IsAction(Type type) =>
        type.IsAssignableTo(typeof(IActionResult)) || (type.IsGenericType && IsAction(type.GetGenericArguments()[0]));

    private static bool IsResult(Type type) => type.IsAssignableTo(typeof(IResult)) || type.IsAssignableTo(typeof(IActionResult));

    private static Func<object?, ValueTask<object?>> Completion(string method, Type type) =>
        typeof(FunctionResult).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type.GetGenericArguments()[0])
            .CreateDelegate<Func<object?, ValueTask<object?>>>();

    private static async ValueTask<object?> AwaitTaskAsync(object? task)
    {
        await (Task)task!;
        return null;
    }

    private static async ValueTask<object?> AwaitValueTaskAsync(object? task)
    {
        await (ValueTask)task!;
        return null;
    }

    private static async ValueTask<object?> AwaitTaskOfAsync<T>(object? task) => await (Task<T>)task!;

    private static async ValueTask<object?> AwaitValueTaskOfAsync<T>(object? task) => await (ValueTask<T>)task!;
}
