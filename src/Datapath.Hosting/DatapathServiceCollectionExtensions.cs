using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Datapath;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Policy;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a datapath to a host.</summary>
public static class DatapathServiceCollectionExtensions
{
    /// <summary>
    /// Adds a datapath: a hosted service that brings what the sources tell into this machine's kernel. Add sources with the builder. One
    /// datapath a host; a second call configures the same one. The engines can be had as <see cref="IDatapath"/> and
    /// <see cref="IMasquerade"/>; register others before this call to run without a kernel.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options in code.</param>
    public static IDatapathBuilder AddDatapath(this IServiceCollection services, Action<DatapathOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(OpenDatapath);
        services.TryAddSingleton(OpenMasquerade);
        services.TryAddSingleton<INodeAddresses>(
            static provider => new DeviceAddresses(provider.GetRequiredService<IOptions<DatapathOptions>>().Value.HostNetworkNamespace));
        services.TryAddSingleton(static provider => new KubernetesMetrics(provider.GetRequiredService<IMeterFactory>().Create(DatapathMetrics.MeterName)));
        services.TryAddSingleton(OpenCluster);
        services.TryAddSingleton(OpenSources);
        services.TryAddSingleton(static provider => new DatapathMonitor(provider.GetRequiredService<ObjectSources>().All));
        services.TryAddSingleton<DatapathMetrics>();
        services.TryAddSingleton<FaultRecord>();
        services.TryAddSingleton<MasqueradeRules>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DatapathOptions>, DatapathOptionsValidator>());
        services.AddOptions<DatapathOptions>().Configure(configure ?? (static _ => { })).ValidateOnStart();
        services.AddMetrics().AddHostedService<ReconcileService>().AddHostedService<FaultWatch>().AddHostedService<EngineMetrics>()
            .AddHostedService<MasqueradeMetrics>().AddHostedService<PortUseWatch>().AddHostedService<MasqueradeEventService>().AddHostedService<PolicyStatusWriter>();
        return new DatapathBuilder(services);
    }

    private static KubernetesCluster OpenCluster(IServiceProvider provider) => new(
        provider.GetRequiredService<IOptions<DatapathOptions>>().Value.Kubernetes, provider.GetRequiredService<KubernetesMetrics>(),
        provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<KubernetesCluster>>());

    private static ObjectSources OpenSources(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<DatapathOptions>>().Value;
        return new(provider.GetServices<IObjectSource>(), options.Kubernetes.Enabled ? new KubernetesSource(
            options, provider.GetRequiredService<KubernetesCluster>(), provider.GetRequiredService<KubernetesMetrics>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<KubernetesSource>>()) : null);
    }

    private static IDatapath OpenDatapath(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<DatapathOptions>>().Value;
        return options.EnableServices ? LinuxDatapath.Open(options.ToEngineOptions(), provider.GetRequiredService<ILogger<LinuxDatapath>>()) : new NoDatapath();
    }

    private static IMasquerade OpenMasquerade(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<DatapathOptions>>().Value;
        return options.Masquerade.Enabled ? MasqueradeEngines.Open(options, provider.GetRequiredService<ILogger<LinuxMasquerade>>()) : new NoMasquerade();
    }

    /// <summary>Adds a datapath, configured from a file, the environment or wherever the configuration comes from.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The datapath's own part of the configuration. An unknown key or a bad value stops the start of the host; all are named.</param>
    public static IDatapathBuilder AddDatapath(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var builder = services.AddDatapath();
        services.AddOptions<DatapathOptions>().Configure(
            options => options.Unreadable = [.. options.Unreadable, .. DatapathOptionsReader.Set(configuration, options)]);
        return builder;
    }

    /// <summary>Adds a source of objects. If two sources have the same object, the one that was added first has its way.</summary>
    /// <param name="builder">The datapath.</param>
    /// <param name="create">Makes the source.</param>
    public static IDatapathBuilder AddSource(this IDatapathBuilder builder, Func<IServiceProvider, IObjectSource> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(create);
        return builder;
    }

    /// <inheritdoc cref="AddSource(IDatapathBuilder, Func{IServiceProvider, IObjectSource})"/>
    /// <typeparam name="TSource">The source; made with what the host has, and the one of its type.</typeparam>
    public static IDatapathBuilder AddSource<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSource>(this IDatapathBuilder builder)
        where TSource : class, IObjectSource
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<TSource>();
        return builder.AddSource(static provider => provider.GetRequiredService<TSource>());
    }

    /// <summary>
    /// Adds a <see cref="DatapathClient"/>, by which the host's own code gives services, backends and policies, and the <see cref="DatapathObjects"/> that it
    /// writes to. Adding it again does nothing.
    /// </summary>
    /// <param name="builder">The datapath.</param>
    public static IDatapathBuilder AddClient(this IDatapathBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(static service => service.ServiceType == typeof(DatapathClient)))
            return builder;
        builder.Services.TryAddSingleton(static provider => new InitialServices([], provider.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton(static provider => provider.GetRequiredService<InitialServices>().ToObjects());
        builder.Services.AddSingleton(static provider => new DatapathClient(
            provider.GetRequiredService<DatapathObjects>(), provider.GetRequiredService<DatapathMonitor>(), provider.GetRequiredService<IDatapath>(),
            provider.GetRequiredService<MasqueradeRules>(), provider.GetRequiredService<InitialServices>(), provider.GetRequiredService<TimeProvider>()));
        return builder.AddSource<DatapathObjects>();
    }

    /// <summary>
    /// Adds a <see cref="DatapathClient"/> that has services when the host starts, as if <see cref="DatapathClient.UpsertServiceAsync"/> had made them. With the
    /// pinned lifetime this is how a program that is started again goes on without a gap: what an earlier process left in the kernel and is among them
    /// serves all the time, and only what is not among them goes.
    /// </summary>
    /// <param name="builder">The datapath. It must not have a client yet.</param>
    /// <param name="services">
    /// The services, each once. Values that cannot be right stop the start of the host, with whatever else is wrong with the options. What other objects stand in the
    /// way of is in <see cref="DatapathSnapshot.Statuses"/> and the log, and no reason for an exception.
    /// </param>
    /// <exception cref="InvalidOperationException">There is a client already.</exception>
    public static IDatapathBuilder AddClient(this IDatapathBuilder builder, IEnumerable<ServiceBuilder> services)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(services);
        ServiceBuilder[] all = [.. services];
        if (builder.Services.Any(static service => service.ServiceType == typeof(DatapathClient) || service.ServiceType == typeof(DatapathObjects)))
            throw new InvalidOperationException("there is a client, or what it writes to, already: give the services with the first call of AddClient");
        builder.Services.AddSingleton<IValidateOptions<DatapathOptions>>(new InitialServicesCheck(all));
        builder.Services.AddSingleton(provider => new InitialServices(all, provider.GetRequiredService<TimeProvider>()));
        return builder.AddClient();
    }

    /// <summary>Has services served at the sockets of the machine's programs, as is the default, and sets how.</summary>
    /// <param name="builder">The datapath.</param>
    /// <param name="configure">Sets options.</param>
    public static IDatapathBuilder AddSocketLoadBalancing(this IDatapathBuilder builder, Action<SocketLbOptions>? configure = null) => builder.Configure(options =>
    {
        options.EnableServices = true;
        configure?.Invoke(options.SocketLb);
    });

    /// <summary>Has redirect policies applied, as is the default, and sets how. Needs services to be served.</summary>
    /// <param name="builder">The datapath.</param>
    /// <param name="configure">Sets options.</param>
    public static IDatapathBuilder AddLocalRedirect(this IDatapathBuilder builder, Action<LocalRedirectOptions>? configure = null) => builder.Configure(options =>
    {
        options.LocalRedirect.Enabled = true;
        configure?.Invoke(options.LocalRedirect);
    });

    /// <summary>Has packets that leave the machine masqueraded, which is not done by default, and sets how.</summary>
    /// <param name="builder">The datapath.</param>
    /// <param name="configure">Sets options, such as the sources.</param>
    public static IDatapathBuilder AddMasquerade(this IDatapathBuilder builder, Action<MasqueradeOptions>? configure = null) => builder.Configure(options =>
    {
        options.Masquerade.Enabled = true;
        configure?.Invoke(options.Masquerade);
    });

    private static IDatapathBuilder Configure(this IDatapathBuilder builder, Action<DatapathOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(configure);
        return builder;
    }

    /// <summary>Adds a source of health check results.</summary>
    /// <param name="builder">The datapath.</param>
    /// <param name="create">Makes the source.</param>
    public static IDatapathBuilder AddHealthSource(this IDatapathBuilder builder, Func<IServiceProvider, IHealthSource> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(create);
        return builder;
    }

    /// <summary>Adds a folder of manifests with live reload as a source.</summary>
    /// <param name="builder">The datapath.</param>
    /// <param name="path">The folder; it must exist when the host starts.</param>
    /// <param name="options">How to follow it.</param>
    /// <remarks>A folder that is not there, or times that cannot be right, stop the start of the host, with whatever else is wrong with the options.</remarks>
    public static IDatapathBuilder AddManifestFolder(this IDatapathBuilder builder, string path, ManifestFolderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IValidateOptions<DatapathOptions>>(new ManifestFolderCheck(path, options ?? new()));
        return builder.AddSource(services => new ManifestFolderSource(path, options, services.GetRequiredService<TimeProvider>()));
    }

    /// <summary>
    /// Adds a cluster as a source, as <c>kubernetes:enabled</c> in the configuration does: its services, endpoint slices, nodes, namespaces, the pods of this
    /// node and redirect policies. The host does not start if kubeconfig or service account are not there or are wrong; a server that is out of reach is waited
    /// for.
    /// </summary>
    /// <param name="builder">The datapath.</param>
    /// <param name="configure">Sets options in code. Default: the cluster of the pod that this process runs in.</param>
    public static IDatapathBuilder AddKubernetes(this IDatapathBuilder builder, Action<KubernetesOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<DatapathOptions>().Configure(options =>
        {
            options.Kubernetes.Enabled = true;
            configure?.Invoke(options.Kubernetes);
        });
        return builder;
    }

    /// <summary>Adds the datapath's health check: unhealthy until the first sync, degraded while the engine refuses something or finds itself without effect, or the cluster that is followed is out of reach for too long.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    public static IHealthChecksBuilder AddDatapath(this IHealthChecksBuilder builder, string name = "datapath")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddCheck<DatapathHealthCheck>(name);
    }
}
