fn main(){ let d=std::env::args().nth(1).unwrap(); let t=std::time::Instant::now(); let c=modeldex_compile::compile(std::path::Path::new(&d)); eprintln!("{:?}",t.elapsed());
 for x in c.diagnostics.iter().take(60){ let (a,_)=c.sources.positions(x.span); println!("{} {}:{}:{} {} | {:?}",x.code,c.sources.get(x.span.file).path,a.line,a.column,x.message,x.help);} println!("{} diags; models {} bytes {} verify {:?}", c.diagnostics.len(), c.catalog().models().len(), c.tables.size(), c.catalog().verify());
 let over = modeldex_compile::compile_over(&c.catalog(), std::path::Path::new("/nonexistent")); println!("over models {} bytes {} {:?}", over.catalog().models().len(), over.tables.size(), over.catalog().verify());
}
