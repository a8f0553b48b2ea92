using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace CasFunctions.LocalHost;

/// <summary>The types in which functions are looked for: those of the app's assembly, unless a test registers others.</summary>
internal sealed record FunctionTypes(params IReadOnlyList<Type> Types);

/// <summary>The app's functions, without those that a setting switches off.</summary>
internal sealed class FunctionCatalog
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <exception cref="InvalidOperationException">At least one function can't be run; the message names each and says why.</exception>
    public FunctionCatalog(FunctionTypes types, IConfiguration configuration)
    {
        var functions = new List<LocalFunction>();
        var problems = new List<string>();
        foreach (var method in MethodsOf(types))
        {
            var name = method.GetCustomAttribute<FunctionAttribute>()!.Name;
            try
            {
                functions.Add(LocalFunction.Describe(name, method, configuration));
            }
            catch (FunctionRefusedException refusal)
            {
                problems.Add($"{name} ({method.DeclaringType!.FullName}.{method.Name}): {refusal.Message}");
            }
        }

        problems.AddRange(functions
            .GroupBy(function => function.Definition.Name, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: the name is used by {string.Join(" and ", group.Select(f => f.Definition.EntryPoint))}."));
        if (problems.Count > 0)
        {
            throw new InvalidOperationException("This host can't run some functions:\n" + string.Join('\n', problems));
        }

        functions.RemoveAll(function => IsDisabled(function.Definition.Name, configuration));
        Http = [.. functions.OfType<HttpFunction>()];
        Timers = [.. functions.OfType<TimerFunction>()];
    }

    public IReadOnlyList<HttpFunction> Http { get; }

    public IReadOnlyList<TimerFunction> Timers { get; }

    /// <summary>The methods that are functions.</summary>
    public static IEnumerable<MethodInfo> MethodsOf(FunctionTypes types) =>
        types.Types.SelectMany(type => type.GetMethods(Declared)).Where(method => method.IsDefined(typeof(FunctionAttribute)));

    /// <summary>Azure's switch; where variable names can't hold dots, they are written as two underscores, which arrive as colons.</summary>
    private static bool IsDisabled(string name, IConfiguration configuration) =>
        (configuration[$"AzureWebJobs.{name}.Disabled"] ?? configuration[$"AzureWebJobs:{name}:Disabled"]) is { } value
        && (value is "1" || (bool.TryParse(value, out var disabled) && disabled));
}

/// <summary>A function that this host can't run; the message says why.</summary>
internal sealed class FunctionRefusedException(string message) : Exception(message);
