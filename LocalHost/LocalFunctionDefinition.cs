using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.LocalHost;

/// <summary>A function as its method describes it. Names are unique in an app, so the name is the id.</summary>
internal sealed class LocalFunctionDefinition(string name, MethodInfo method, ParameterInfo trigger, string triggerType) : FunctionDefinition
{
    public override ImmutableArray<FunctionParameter> Parameters { get; } =
        [.. method.GetParameters().Select(parameter => new FunctionParameter(parameter.Name!, parameter.ParameterType))];

    public override string PathToAssembly => method.Module.Assembly.Location;

    public override string EntryPoint => $"{method.DeclaringType!.FullName}.{method.Name}";

    public override string Id => name;

    public override string Name => name;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
        Table(new Binding(trigger.Name!, triggerType, BindingDirection.In));

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } =
        triggerType is "httpTrigger" ? Table(new Binding("$return", "http", BindingDirection.Out)) : Table();

    private static ImmutableDictionary<string, BindingMetadata> Table(params BindingMetadata[] bindings) =>
        bindings.ToImmutableDictionary(binding => binding.Name, StringComparer.Ordinal);

    private sealed class Binding(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => direction;
    }
}
